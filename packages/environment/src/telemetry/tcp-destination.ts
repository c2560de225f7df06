import { connect, type Socket } from "node:net";
import {
  delivered,
  type DeliveryLimits,
  deliveryLimits,
  type DeliveryOutcome,
  type Destination,
} from "./destination.ts";

export interface TcpDestinationOptions {
  readonly host: string;
  readonly port: number;
  readonly limits?: DeliveryLimits;
}

/**
 * Writes each event as one line into a connection that stays open, and is opened again when it was
 * lost. TCP tells when the system has taken the bytes, not when the subscriber has: a batch that was
 * on its way when the connection broke may be lost, or come twice.
 */
export class TcpDestination implements Destination {
  readonly #options: TcpDestinationOptions;
  readonly #limits: DeliveryLimits;
  #socket: Socket | undefined;
  #closed = false;

  constructor(options: TcpDestinationOptions) {
    this.#options = options;
    this.#limits = options.limits ?? deliveryLimits;
  }

  async deliver(events: readonly string[]): Promise<DeliveryOutcome> {
    if (this.#closed) return { kind: "failed", reason: "closed" };
    // One that has ended, or failed, may not have told its close yet.
    const socket = this.#socket?.writable === true ? this.#socket : this.#open();
    try {
      if (socket.connecting) {
        await this.#within(socket, "connection", this.#limits.connectMs, (done) => {
          socket.once("connect", done);
        });
      }
      await this.#within(socket, "progress", this.#limits.answerMs, (done) => {
        socket.write(`${events.join("\n")}\n`, done);
      });
      return delivered;
    } catch (error) {
      socket.destroy();
      return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
    }
  }

  close(): void {
    this.#closed = true;
    // What the system has taken before is still sent.
    this.#socket?.destroy();
  }

  #open(): Socket {
    const { host, port } = this.#options;
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    // Nothing is expected from the other side; without reading, its end would not be seen either.
    socket.resume();
    socket.on("error", () => {
      // Who waits for it hears of it in #within; between two batches its end is enough.
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    return socket;
  }

  /** Waits for a step of the socket, for its end, or for the limit. */
  #within(
    socket: Socket,
    what: string,
    ms: number,
    start: (done: (error?: Error | null) => void) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error | null): void => {
        clearTimeout(timer);
        socket.off("error", finish);
        socket.off("close", onClose);
        if (error === undefined || error === null) resolve();
        else reject(error);
      };
      const onClose = (): void => finish(new Error("connection closed"));
      const timer = setTimeout(() => finish(new Error(`no ${what} within ${ms} ms`)), ms);
      socket.on("error", finish);
      socket.on("close", onClose);
      start(finish);
    });
  }
}
