import assert from "node:assert/strict";
import { test } from "node:test";
import { type HostError, type InvokeResult, payloadOf, payloadText } from "@lambdad/core";
import { invocationOf } from "@lambdad/testkit";
import fc from "fast-check";
import { ActiveInvocation } from "./active-invocation.ts";
import type { Delivery, Poller } from "./poller.ts";
import { isRefusal, RuntimeApi } from "./runtime-api.ts";

/** What a runtime and its host may do, in any order; the number chooses whom it concerns. */
type Step = readonly [
  (
    | "next"
    | "leave"
    | "invoke"
    | "respond"
    | "begin"
    | "data"
    | "end"
    | "cut"
    | "error"
    | "initError"
    | "timeout"
    | "abandon"
  ),
  number,
];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom<Step[0][]>(
      "next",
      "next",
      "next",
      "leave",
      "invoke",
      "invoke",
      "respond",
      "begin",
      "data",
      "end",
      "cut",
      "error",
      "initError",
      "timeout",
      "abandon",
    ),
    fc.nat(5),
  ),
  { minLength: 10, maxLength: 60, size: "max" },
);

/** One runtime whose pool hands out an invocation whenever there is a slot. */
class Model {
  readonly api: RuntimeApi;
  readonly settled = new Map<string, (InvokeResult | HostError)[]>();
  readonly actives: ActiveInvocation[] = [];
  readonly begun: ActiveInvocation[] = [];
  readonly pollers: Poller[] = [];
  readonly got: Delivery[] = [];
  #count = 0;

  constructor(concurrency: number | undefined) {
    this.api = new RuntimeApi(concurrency, {
      runtimeReady: () => {},
      restored: () => {},
      initFailed: () => {},
      runtimeDone: (active) => this.finish(active),
      slotFreed: () => {},
      pollerGone: () => {},
      rejected: () => {},
    });
  }

  finish(active: ActiveInvocation): void {
    active.finish();
    this.api.forget(active, active.status === "timeout");
  }

  invoke(isTailed: boolean): void {
    if (this.api.freeSlots === 0) return;
    this.#count += 1;
    const requestId = `id-${this.#count}`;
    const settled: (InvokeResult | HostError)[] = [];
    this.settled.set(requestId, settled);
    const active = new ActiveInvocation({
      ticket: {
        invocation: invocationOf(Buffer.from(requestId), { requestId, logTail: isTailed }),
        arrivedAtMs: 0,
        forgetEvent: () => {},
        settle: (result) => settled.push(result),
        fail: (error) => settled.push(error),
      },
      attemptId: requestId,
      deadlineEpochMs: 0,
      startedAtMs: 0,
      deadlineMs: Infinity,
      executedVersion: "$LATEST",
      onAnswered: () => {},
    });
    this.actives.push(active);
    this.api.release(active);
  }

  next(): void {
    const poller: Poller = {
      deliver: (delivery) => {
        this.pollers.splice(this.pollers.indexOf(poller), 1);
        this.got.push(delivery);
      },
    };
    this.pollers.push(poller);
    if (this.api.next(poller) !== undefined) this.pollers.splice(this.pollers.indexOf(poller), 1);
  }

  begin(id: string): void {
    const start = { mode: undefined, contentType: "x/y", contentLength: undefined };
    const active = this.api.beginResponse(id, { ...start, attemptId: undefined });
    if (!isRefusal(active)) this.begun.push(active);
  }

  step([kind, choice]: Step): void {
    const id = this.got.at(-1 - (choice % 3))?.invocation.requestId ?? "none";
    const open = this.actives.filter((active) => active.state !== "over");
    const one = open[choice % Math.max(1, open.length)];
    const begun = this.begun.at(-1 - (choice % 2));
    const poller = this.pollers[choice];
    switch (kind) {
      case "next":
        return this.next();
      case "leave":
        return poller === undefined ? undefined : this.leave(poller);
      case "invoke":
        return this.invoke(choice % 2 === 0);
      case "begin":
        return this.begin(id);
      case "respond":
        this.begin(id);
        return this.#end(this.begun.at(-1));
      case "data":
        begun?.data(Buffer.from(begun.requestId));
        return undefined;
      case "end":
        return this.#end(begun);
      case "cut":
        if (begun !== undefined) this.begun.splice(this.begun.indexOf(begun), 1);
        return begun?.truncateResponse(() => this.api.answered(begun));
      case "error":
        this.api.error(id, {
          errorType: undefined,
          contentType: "x/y",
          payload: payloadOf(id),
          attemptId: undefined,
        });
        return undefined;
      case "initError":
        this.api.initError(undefined, payloadOf("init"));
        return undefined;
      case "timeout":
        one?.fail({ errorType: "Sandbox.Timedout", text: "timeout" }, "timeout");
        return one === undefined ? undefined : this.finish(one);
      case "abandon":
        one?.abandon(new Error("gone") as HostError);
        return one === undefined ? undefined : this.finish(one);
    }
  }

  leave(poller: Poller): void {
    this.pollers.splice(this.pollers.indexOf(poller), 1);
    this.api.removePoller(poller);
  }

  #end(active: ActiveInvocation | undefined): void {
    if (active === undefined) return;
    this.begun.splice(this.begun.indexOf(active), 1);
    active.endResponse(undefined, () => this.api.answered(active));
  }

  /** As an environment ends: what is still in it fails. */
  end(): void {
    for (const active of this.api.active) {
      active.fail({ errorType: "Runtime.ExitError", text: "exit" }, "error");
      this.finish(active);
    }
  }
}

for (const concurrency of [undefined, 1, 3]) {
  test(`RuntimeApi settles each invocation once, with its own bytes, at concurrency ${concurrency} (INV-3, INV-5, INV-6)`, () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const model = new Model(concurrency);
        for (const step of sequence) {
          model.step(step);
          assert.ok(model.api.activeCount <= (concurrency ?? 1));
          for (const settled of model.settled.values()) assert.ok(settled.length <= 1);
        }
        model.end();
        assert.equal(model.api.activeCount, 0);
        for (const [id, settled] of model.settled) {
          assert.equal(settled.length, 1, `${id} was settled ${settled.length} times`);
          const [result] = settled;
          if (result instanceof Error) assert.equal(result.message, "gone");
          if (result === undefined || !("payload" in result)) continue;
          const text = payloadText(result.payload);
          const isOwn = text.replaceAll(id, "") === "" || text.includes(`RequestId: ${id} `);
          assert.ok(isOwn, `${id} got '${text}'`);
        }
      }),
      { numRuns: 400 },
    );
  });
}
