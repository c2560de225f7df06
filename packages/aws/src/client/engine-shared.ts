import type { Origin } from "../transport/transport.ts";
import type { Call } from "./call.ts";
import type { EngineParts } from "./engine.ts";
import { isPrivateHost } from "./private-host.ts";

/** What all variants of one client share: its calls, and what it has learned. */
export class EngineShared {
  readonly inFlight: InFlight = new InFlight();
  /** Milliseconds that the service's clock is ahead of ours. */
  clockOffsetMs = 0;
  readonly #warned = new Set<string>();

  /** Says once of each host that signed requests go to it unprotected (CL-20). */
  warnOfPlainHttp({ options, service }: EngineParts, { host, hostHeader }: Origin): void {
    if (this.#warned.has(hostHeader) || this.#warned.size >= 100 || isPrivateHost(host)) return;
    this.#warned.add(hostHeader);
    options.logger?.warn(
      `The client of ${service.name} sends signed requests to "http://${hostHeader}" without TLS, and that host is neither local nor private: use "https:"`,
    );
  }
}

/** A body that nobody has begun to read is given up this long after `close`, in milliseconds. */
const untouchedMsMax = 1000;

/** The calls of a client that have not ended, in a list that costs nothing to enter and leave. */
export class InFlight {
  #first: Call | undefined;
  #waiting: (() => void) | undefined;

  add(call: Call): void {
    const first = this.#first;
    call.next = first;
    if (first !== undefined) first.previous = call;
    this.#first = call;
  }

  delete(call: Call): void {
    const { previous, next } = call;
    if (previous !== undefined) previous.next = next;
    else if (this.#first === call) this.#first = next;
    else return;
    if (next !== undefined) next.previous = previous;
    call.previous = undefined;
    call.next = undefined;
    if (this.#first === undefined) this.#waiting?.();
  }

  /**
   * Resolves when there are none. A body that streams and that nobody reads ends with an error, lest
   * it be waited for without end: after `unreadMs` since its reader asked last, or after a second at
   * most when nobody has begun.
   */
  empty(unreadMs: number, errorOf: () => Error): Promise<void> {
    if (this.#first === undefined) return Promise.resolve();
    const untouchedMs = Math.min(unreadMs, untouchedMsMax);
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        for (let call = this.#first; call !== undefined;) {
          // Ending it takes it out of the list.
          const { next } = call;
          if (call.bodyUnreadMs >= unreadMs) call.abort(errorOf());
          call = next;
        }
      }, untouchedMs).unref();
      this.#waiting = (): void => {
        clearInterval(timer);
        resolve();
      };
    });
  }

  abort(error: Error): void {
    while (this.#first !== undefined) {
      const call = this.#first;
      this.delete(call);
      call.abort(error);
    }
  }
}
