import assert from "node:assert/strict";
import { test } from "node:test";

import type { FailureCondition } from "@lambdad/core";
import { invocationOf, ManualClock, settled } from "@lambdad/testkit";
import fc from "fast-check";

import { EventQueue } from "./event-queue.ts";
import { MemoryEventStore } from "./memory-event-store.ts";
import { MortalHost } from "./mortal-host.test.ts";
import { type Attempt, ScriptedInvoker, throttle } from "./queue-fixture.test.ts";

type Ending = "success" | "fault" | "throttle" | "host_fault";

/** What an event meets: one entry for each start, success after the last. */
interface Fate {
  readonly ending: Ending;
  readonly durationMs: number;
}

interface AcceptStep {
  readonly retriesMax: number;
  readonly ageMsMax: number;
  readonly fates: readonly Fate[];
}

type Step =
  | { readonly accept: AcceptStep }
  | { readonly advanceMs: number }
  | { readonly host: "crash" | "restart" };

/** One event, followed by rules as plain as those of spec reliability §6. */
class ModelEvent {
  readonly #fates: readonly Fate[];
  readonly #retriesMax: number;
  readonly #expiresAtMs: number;
  readonly #random: number;
  #dueAtMs: number | undefined;
  #running: { readonly endsAtMs: number; readonly ending: Ending } | undefined;
  #faults = 0;
  #hostFaults = 0;
  #crashes = 0;
  readonly starts: number[] = [];
  end: "succeeded" | FailureCondition | undefined;

  constructor(step: AcceptStep, nowMs: number, random: number) {
    this.#fates = step.fates;
    this.#retriesMax = step.retriesMax;
    this.#expiresAtMs = nowMs + step.ageMsMax;
    this.#random = random;
    this.#dueAtMs = nowMs;
  }

  /** Follows the event up to this time. */
  advance(nowMs: number): void {
    for (;;) {
      if (this.#dueAtMs !== undefined && this.#dueAtMs <= nowMs) this.#start(this.#dueAtMs);
      else if (this.#running !== undefined && this.#running.endsAtMs <= nowMs) this.#finish();
      else return;
    }
  }

  crash(nowMs: number): void {
    if (this.#running === undefined) return;
    this.#running = undefined;
    this.#crashes += 1;
    if (this.#crashes === 5) this.end = "RetriesExhausted";
    else this.#backOff(nowMs);
  }

  restart(nowMs: number): void {
    if (this.#running === undefined) return;
    this.#running = undefined;
    this.#dueAtMs = nowMs;
  }

  #start(atMs: number): void {
    this.#dueAtMs = undefined;
    if (atMs > this.#expiresAtMs) {
      this.end = "EventAgeExceeded";
      return;
    }
    const fate = this.#fates[this.starts.length];
    this.starts.push(atMs);
    const { ending, durationMs } = fate ?? { ending: "success", durationMs: 0 };
    this.#running = { endsAtMs: atMs + durationMs, ending };
  }

  #finish(): void {
    if (this.#running === undefined) return;
    const { endsAtMs, ending } = this.#running;
    this.#running = undefined;
    if (ending === "success") this.end = "succeeded";
    else if (ending === "fault") {
      this.#faults += 1;
      this.#hostFaults = 0;
      if (this.#faults > this.#retriesMax) this.end = "RetriesExhausted";
      else this.#dueAt(endsAtMs + (this.#faults === 1 ? 60_000 : 120_000));
    } else this.#backOff(endsAtMs);
  }

  #backOff(nowMs: number): void {
    const seconds = Math.max(1, this.#random * Math.min(300, 2 ** this.#hostFaults));
    this.#hostFaults += 1;
    this.#dueAt(nowMs + Math.ceil(1000 * seconds));
  }

  #dueAt(atMs: number): void {
    if (atMs > this.#expiresAtMs) this.end = "EventAgeExceeded";
    else this.#dueAtMs = atMs;
  }
}

/** The real thing: queues that come and go over one store. */
class System {
  readonly clock = new ManualClock({ wallMs: 0 });
  readonly store = new MemoryEventStore();
  readonly starts = new Map<string, number[]>();
  readonly fates = new Map<string, readonly Fate[]>();
  readonly #random: number;
  /** How many events of a function may run at once; `undefined`: removed. */
  concurrency: number | undefined = 1000;
  settings = { retriesMax: 2, ageMsMax: 60_000 };
  running = new Set<string>();
  readonly breaches: string[] = [];
  ends = new Map<string, string[]>();
  #host: MortalHost | undefined;
  queue: EventQueue | undefined;

  constructor(random: number) {
    this.#random = random;
  }

  async boot(): Promise<void> {
    const { clock, store } = this;
    const invoker = new ScriptedInvoker(clock, (attempt) => {
      this.#answer(attempt);
    });
    const host = new MortalHost(clock, store, invoker);
    this.running = new Set();
    this.#host = host;
    this.queue = new EventQueue({
      store: host.store,
      invoker: host.invoker,
      clock: host.clock,
      random: () => this.#random,
      settings: () =>
        this.concurrency === undefined
          ? undefined
          : { concurrency: this.concurrency, ...this.settings },
      observe: (observation) => {
        if (observation.kind !== "succeeded" && observation.kind !== "failed") return;
        const end = observation.kind === "failed" ? observation.condition : "succeeded";
        this.ends.set(observation.id, [...(this.ends.get(observation.id) ?? []), end]);
      },
    });
    await this.queue.start();
    await settled();
  }

  async crash(): Promise<void> {
    this.#host?.kill();
    await this.boot();
  }

  async restart(): Promise<void> {
    await this.queue?.stop(AbortSignal.abort());
    this.#host?.kill();
    await this.boot();
  }

  async accept(fates: readonly Fate[]): Promise<string> {
    const invocation = invocationOf({ do: "context" });
    this.fates.set(invocation.requestId, fates);
    this.starts.set(invocation.requestId, []);
    await this.queue?.accept(invocation);
    await settled();
    return invocation.requestId;
  }

  /** INV-2, seen from outside. */
  async checkBooks(accepted: number): Promise<void> {
    assert.deepEqual(this.breaches, []);
    const [counts] = await this.store.counts();
    if (counts === undefined) return;
    const { pending, started, succeeded, failed, purged } = counts;
    assert.equal(counts.accepted, accepted);
    assert.equal(pending + started + succeeded + failed + purged, accepted);
  }

  #answer(attempt: Attempt): void {
    const { requestId } = attempt.invocation;
    const starts = this.starts.get(requestId) ?? [];
    const { ending, durationMs } = this.fates.get(requestId)?.[starts.length] ?? {
      ending: "success",
      durationMs: 0,
    };
    starts.push(attempt.atMs);
    // An assertion here would only be an invoker that throws.
    if (this.running.has(requestId)) this.breaches.push("an event runs twice at once");
    const { running } = this;
    running.add(requestId);
    if (running.size > (this.concurrency ?? 0)) this.breaches.push("more run at once than may");
    const finish = (): void => {
      running.delete(requestId);
      if (ending === "success") attempt.succeed();
      else if (ending === "fault") attempt.fail();
      else attempt.refuse(ending === "throttle" ? throttle() : new Error("host"));
    };
    if (durationMs === 0) finish();
    else this.clock.setTimer(durationMs, finish);
  }
}

const fate: fc.Arbitrary<Fate> = fc.record({
  ending: fc.constantFrom<Ending>("success", "fault", "fault", "throttle", "host_fault"),
  durationMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 90_000 })),
});

const acceptStep: fc.Arbitrary<AcceptStep> = fc.record({
  retriesMax: fc.integer({ min: 0, max: 2 }),
  ageMsMax: fc.oneof(fc.constant(60_000), fc.integer({ min: 60_000, max: 900_000 })),
  fates: fc.array(fate, { maxLength: 12 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ accept: acceptStep }) },
  { weight: 4, arbitrary: fc.record({ advanceMs: fc.integer({ min: 0, max: 130_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ host: fc.constantFrom("crash" as const, "restart" as const) }),
  },
);

test("EventQueue starts and ends every event as the rules say, whatever happens (AS-2, AS-3, AS-5, AS-6, INV-2)", async () => {
  const random = fc.constantFrom(0, 0.3, 0.999);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), random, async (steps, jitter) => {
      const system = new System(jitter);
      const model = new Map<string, ModelEvent>();
      await system.boot();
      const advance = async (ms: number): Promise<void> => {
        await system.clock.advance(ms);
        for (const event of model.values()) event.advance(system.clock.nowMs());
      };
      for (const action of [...steps, { advanceMs: 100 * 3_600_000 }]) {
        const nowMs = system.clock.nowMs();
        if ("accept" in action) {
          system.settings = action.accept;
          const event = new ModelEvent(action.accept, nowMs, jitter);
          model.set(await system.accept(action.accept.fates), event);
          await advance(0);
        } else if ("advanceMs" in action) await advance(action.advanceMs);
        else {
          await system[action.host]();
          for (const event of model.values()) event[action.host](nowMs);
          await advance(0);
        }
        await system.checkBooks(model.size);
      }
      for (const [id, event] of model) {
        assert.deepEqual(system.starts.get(id), event.starts);
        assert.deepEqual(system.ends.get(id), [event.end]);
      }
    }),
    { numRuns: 200 },
  );
});

const limitedStep = fc.oneof(
  { weight: 5, arbitrary: fc.record({ accept: acceptStep }) },
  { weight: 3, arbitrary: fc.record({ advanceMs: fc.integer({ min: 0, max: 130_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ host: fc.constantFrom("crash" as const, "restart" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      concurrency: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    }),
  },
);

test("EventQueue keeps to a concurrency that changes, and brings every event to one end (AS-9, AS-12, INV-2)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(limitedStep, { maxLength: 40 }), async (steps) => {
      const system = new System(0.5);
      await system.boot();
      let accepted = 0;
      system.concurrency = 3;
      for (const action of steps) {
        if ("accept" in action) {
          if (system.concurrency === undefined) continue;
          system.settings = action.accept;
          await system.accept(action.accept.fates);
          accepted += 1;
        } else if ("advanceMs" in action) await system.clock.advance(action.advanceMs);
        else if ("host" in action) await system[action.host]();
        else {
          system.concurrency = action.concurrency;
          system.queue?.refresh();
          await settled();
        }
        await system.checkBooks(accepted);
      }
      await system.clock.advance(100 * 3_600_000);
      const [counts] = await system.store.counts();
      assert.equal((counts?.succeeded ?? 0) + (counts?.failed ?? 0), accepted);
      for (const ends of system.ends.values()) assert.equal(ends.length, 1);
    }),
    { numRuns: 100 },
  );
});
