import type { Clock, EventStore, Invoker } from "@lambdad/core";

/**
 * A host that can be killed: after {@link kill} nothing that was built on its clock, store and invoker
 * goes on. No timer fires, no promise settles, no change reaches the store.
 */
export class MortalHost {
  #alive = true;
  readonly clock: Clock;
  readonly store: EventStore;
  readonly invoker: Invoker;

  constructor(clock: Clock, store: EventStore, invoker: Invoker) {
    this.clock = {
      nowMs: () => clock.nowMs(),
      wallMs: () => clock.wallMs(),
      setTimer: (ms, callback) =>
        clock.setTimer(ms, () => {
          if (this.#alive) callback();
        }),
    };
    this.store = {
      append: (events) => this.#living(() => store.append(events)),
      claim: (request) => this.#living(() => store.claim(request)),
      complete: (ids) => this.#living(() => store.complete(ids)),
      schedule: (schedulings) => this.#living(() => store.schedule(schedulings)),
      fail: (failings) => this.#living(() => store.fail(failings)),
      purge: (selection) => this.#living(() => store.purge(selection)),
      list: (query) => this.#living(() => store.list(query)),
      counts: () => this.#living(() => store.counts()),
    };
    this.invoker = {
      invoke: (invocation, signal) => this.#living(() => invoker.invoke(invocation, signal)),
    };
  }

  kill(): void {
    this.#alive = false;
  }

  #living<T>(act: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#alive) return;
      act().then(
        (value) => {
          if (this.#alive) resolve(value);
        },
        (error: unknown) => {
          if (this.#alive) reject(error);
        },
      );
    });
  }
}
