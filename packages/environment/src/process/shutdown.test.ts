import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { settled } from "@lambdad/testkit";
import type { Fault } from "../environment-observer.ts";
import type { ExtensionEventType } from "../extensions/extension.ts";
import type { ShutdownReason } from "../extensions/extension-events.ts";
import {
  CollectingWaiter,
  type ExtensionsFixture,
  makeExtensions,
} from "../testdata/extensions-fixture.ts";
import { Latch } from "./latch.ts";
import { shutDown } from "./shutdown.ts";

const startEpochMs = 1_700_000_000_000;

interface EndingOptions {
  /** External extensions whose process runs, and what they subscribed to. Default: none. */
  readonly external?: Readonly<Record<string, readonly ExtensionEventType[]>>;
  /** Names of those in `external` that have not registered. */
  readonly unregistered?: readonly string[];
  readonly internal?: readonly string[];
  /** How long each delivery of telemetry takes; no longer than it is given. Default: 0. */
  readonly flushMs?: number;
  /** What the runtime does on SIGTERM. Default: it ends at once. */
  readonly runtime?: "ends" | "stays" | "never ends";
}

/** An environment made of fakes: a clock that is wound by hand, and a record of all that is done to it. */
class Ending {
  readonly fixture: ExtensionsFixture;
  /** `<milliseconds since the start> <what>`, in order. */
  readonly log: string[] = [];
  readonly runtimeOver = new Latch();
  readonly externalsOver = new Latch();
  readonly running: Set<string>;
  readonly waiters = new Map<string, CollectingWaiter>();
  isDone = false;
  readonly #t: TestContext;
  readonly #options: EndingOptions;

  constructor(t: TestContext, options: EndingOptions) {
    const { external = {}, internal = [], unregistered = [] } = options;
    this.#t = t;
    this.#options = options;
    t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: startEpochMs });
    t.mock.method(performance, "now", () => Date.now() - startEpochMs);
    const names = Object.keys(external);
    this.running = new Set(names);
    this.fixture = makeExtensions({ external: names });
    for (const [name, events] of Object.entries(external)) {
      if (!unregistered.includes(name)) this.fixture.register(name, events);
    }
    for (const name of internal) this.fixture.ready(name, ["INVOKE"]);
    if (names.length === 0) this.externalsOver.open();
  }

  /** An extension waits in its next call. */
  next(name: string): void {
    const extension = this.fixture.api.named(name);
    assert.ok(extension !== undefined);
    const waiter = new CollectingWaiter();
    waiter.deliver = (delivery) => {
      waiter.got.push(delivery);
      this.note(`${name} gets ${delivery.body}`);
    };
    this.waiters.set(name, waiter);
    assert.equal(this.fixture.api.next(extension.id, waiter), extension);
  }

  note(what: string): void {
    this.log.push(`${Date.now() - startEpochMs} ${what}`);
  }

  start(reason: ShutdownReason = "spindown"): void {
    const { flushMs = 0, runtime = "ends" } = this.#options;
    const done = shutDown(reason, {
      extensions: this.fixture.api,
      telemetry: {
        flush: (limitMs) => {
          this.note(`flush(${limitMs})`);
          return new Promise((resolve) => {
            setTimeout(resolve, Math.min(flushMs, limitMs));
          });
        },
      },
      signalRuntime: (signal) => {
        this.note(signal);
        const ends = runtime === "ends" || (runtime === "stays" && signal === "SIGKILL");
        if (ends) this.runtimeOver.open();
      },
      runtimeOver: this.runtimeOver,
      runningExternals: () => [...this.running],
      killExternal: (name) => {
        this.note(`kill ${name}`);
        this.exits(name);
      },
      externalsOver: this.externalsOver,
      fault: (fault: Fault) => this.note(`${fault.event} ${fault["name"]}`),
    });
    void done.then(() => {
      this.isDone = true;
      this.note("done");
    });
  }

  /** The process of an extension ends. */
  exits(name: string): void {
    this.running.delete(name);
    if (this.running.size === 0) this.externalsOver.open();
  }

  /** Lets time pass, one millisecond after the other. */
  async pass(ms: number): Promise<void> {
    await settled();
    for (let count = 0; count < ms; count += 1) {
      this.#t.mock.timers.tick(1);
      await settled();
    }
  }
}

const both = ["INVOKE", "SHUTDOWN"] as const;

function shutdownBody(deadlineMs: number, reason = "spindown"): string {
  const deadline = startEpochMs + deadlineMs;
  return JSON.stringify({
    eventType: "SHUTDOWN",
    shutdownReason: reason,
    deadlineMs: deadline,
  });
}

describe("shutDown() with internal extensions only", () => {
  test("flushes, sends SIGTERM, flushes again, and gives nobody an event", async (t) => {
    const ending = new Ending(t, { internal: ["inside"] });
    ending.start();
    await ending.pass(10);
    assert.deepEqual(ending.log, ["0 flush(200)", "1 SIGTERM", "1 flush(249.5)", "2 done"]);
    assert.equal(ending.fixture.api.named("inside")?.state, "Ready");
  });

  test("sends SIGKILL to a runtime that ignores SIGTERM, at 500 ms", async (t) => {
    const ending = new Ending(t, { internal: ["inside"], runtime: "stays" });
    ending.start();
    await ending.pass(600);
    assert.deepEqual(ending.log, [
      "0 flush(200)",
      "1 SIGTERM",
      "500 SIGKILL",
      "500 flush(0)",
      "501 done",
    ]);
  });

  test("takes a slow delivery of telemetry out of the runtime's time, not on top of it", async (t) => {
    const ending = new Ending(t, { internal: ["inside"], runtime: "stays", flushMs: 5_000 });
    ending.start();
    await ending.pass(600);
    assert.deepEqual(ending.log, [
      "0 flush(200)",
      "200 SIGTERM",
      "500 SIGKILL",
      "500 flush(0)",
      "501 done",
    ]);
  });

  test("goes on without a runtime that the kernel does not end", async (t) => {
    const ending = new Ending(t, { internal: ["inside"], runtime: "never ends" });
    ending.start();
    await ending.pass(700);
    assert.deepEqual(ending.log.slice(2), ["500 SIGKILL", "600 flush(0)", "601 done"]);
  });
});

describe("shutDown() with external extensions", () => {
  test("ends the runtime first, then tells who wants to know, then waits for them", async (t) => {
    const ending = new Ending(t, { external: { agent: both } });
    ending.next("agent");
    ending.start();
    await ending.pass(50);
    assert.deepEqual(ending.log, [
      "0 flush(200)",
      "1 SIGTERM",
      "1 flush(999.5)",
      `2 agent gets ${shutdownBody(2_000)}`,
    ]);
    assert.equal(ending.isDone, false);
    ending.exits("agent");
    await ending.pass(1);
    assert.equal(ending.log.at(-1), "50 done");
  });

  for (const reason of ["spindown", "timeout", "failure"] as const) {
    test(`tells the reason ${reason}`, async (t) => {
      const ending = new Ending(t, { external: { agent: ["SHUTDOWN"] } });
      ending.next("agent");
      ending.start(reason);
      await ending.pass(5);
      assert.equal(ending.log.at(-1), `2 agent gets ${shutdownBody(2_000, reason)}`);
    });
  }

  test("kills at once who did not subscribe or has not registered", async (t) => {
    const ending = new Ending(t, {
      external: { agent: both, invoke: ["INVOKE"], none: [], late: both },
      unregistered: ["late"],
    });
    for (const name of ["agent", "invoke", "none"]) ending.next(name);
    ending.start("failure");
    await ending.pass(10);
    assert.deepEqual(ending.log.slice(3), [
      `2 agent gets ${shutdownBody(2_000, "failure")}`,
      "2 kill invoke",
      "2 kill none",
      "2 kill late",
    ]);
    ending.exits("agent");
    await ending.pass(1);
    assert.equal(ending.isDone, true);
  });

  for (const call of ["initError", "exitError"] as const) {
    test(`lets one end by itself that has reported an ${call}, up to the deadline`, async (t) => {
      const ending = new Ending(t, { external: { quick: both, slow: ["INVOKE"] } });
      const { api } = ending.fixture;
      if (call === "exitError") ending.next("quick");
      for (const name of ["quick", "slow"]) {
        assert.equal(api.error(call, api.named(name)?.id, "Extension.Bad"), undefined);
      }
      ending.start("failure");
      await ending.pass(10);
      ending.exits("quick");
      await ending.pass(2_000);
      assert.deepEqual(ending.log.slice(3), [
        "2000 ext.killed slow",
        "2000 kill slow",
        "2000 done",
      ]);
    });
  }

  test("kills who ignores SHUTDOWN at the deadline that it was told (EX-4)", async (t) => {
    const ending = new Ending(t, { external: { polite: both, stubborn: both } });
    ending.next("polite");
    ending.next("stubborn");
    ending.start();
    await ending.pass(10);
    ending.exits("polite");
    await ending.pass(2_000);
    assert.deepEqual(ending.log.slice(5), [
      "2000 ext.killed stubborn",
      "2000 kill stubborn",
      "2000 done",
    ]);
  });

  test("gives the runtime 600 ms of the time for SIGTERM, and SHUTDOWN the rest", async (t) => {
    const ending = new Ending(t, { external: { agent: both }, runtime: "stays" });
    ending.next("agent");
    ending.start("timeout");
    await ending.pass(2_100);
    assert.deepEqual(ending.log, [
      "0 flush(200)",
      "1 SIGTERM",
      "601 SIGKILL",
      "601 flush(699.5)",
      `602 agent gets ${shutdownBody(2_000, "timeout")}`,
      "2000 ext.killed agent",
      "2000 kill agent",
      "2000 done",
    ]);
  });

  test("holds the deadline also with the slowest runtime and the slowest telemetry", async (t) => {
    const ending = new Ending(t, {
      external: { agent: both },
      runtime: "never ends",
      flushMs: 60_000,
    });
    ending.next("agent");
    ending.start();
    await ending.pass(2_100);
    assert.deepEqual(ending.log, [
      "0 flush(200)",
      "200 SIGTERM",
      "800 SIGKILL",
      "900 flush(550)",
      `1450 agent gets ${shutdownBody(2_000)}`,
      "2000 ext.killed agent",
      "2000 kill agent",
      "2000 done",
    ]);
  });

  test("reaches an extension that is still busy with its next call", async (t) => {
    const ending = new Ending(t, { external: { busy: both, fresh: ["SHUTDOWN"] } });
    ending.next("busy");
    const invoke = { requestId: "r", deadlineEpochMs: 1, invokedFunctionArn: "a", traceId: "" };
    ending.fixture.api.invoke(invoke);
    ending.log.splice(0);
    ending.start("timeout");
    await ending.pass(100);
    assert.equal(ending.log.length, 3);
    ending.next("busy");
    ending.next("fresh");
    assert.deepEqual(ending.log.slice(3), [
      `100 busy gets ${shutdownBody(2_000, "timeout")}`,
      `100 fresh gets ${shutdownBody(2_000, "timeout")}`,
    ]);
  });

  test("does not signal an extension that ended before its turn", async (t) => {
    const ending = new Ending(t, { external: { agent: both, other: [] }, runtime: "stays" });
    ending.next("agent");
    ending.next("other");
    ending.start();
    await ending.pass(100);
    ending.exits("agent");
    ending.exits("other");
    await ending.pass(600);
    assert.deepEqual(ending.log.slice(2), ["601 SIGKILL", "601 flush(699.5)", "602 done"]);
  });

  test("has the time of internal ones when no external process is left", async (t) => {
    const ending = new Ending(t, { external: { agent: both }, runtime: "stays" });
    ending.next("agent");
    ending.exits("agent");
    ending.start("failure");
    await ending.pass(600);
    assert.deepEqual(ending.log.slice(1), ["1 SIGTERM", "500 SIGKILL", "500 flush(0)", "501 done"]);
    assert.deepEqual(ending.waiters.get("agent")?.got, []);
  });

  test("waits for no runtime that has ended before", async (t) => {
    const ending = new Ending(t, { external: { agent: both }, runtime: "never ends" });
    ending.runtimeOver.open();
    ending.next("agent");
    ending.start("failure");
    await ending.pass(5);
    assert.equal(ending.log.at(-1), `2 agent gets ${shutdownBody(2_000, "failure")}`);
  });
});
