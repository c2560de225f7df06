import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CollectingWaiter,
  makeExtensions,
  refusalOf,
  type ExtensionsFixture,
  waitingCount,
} from "../testdata/extensions-fixture.ts";
import type { InvokeFacts } from "./extension-events.ts";

const facts: InvokeFacts = {
  requestId: "3da1f2dc-3222-475e-9205-e2e6c6318895",
  deadlineEpochMs: 1_646_394_703_586,
  invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:helloWorld",
  traceId: "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
};

describe("the events", () => {
  test("INVOKE tells what AWS tells, without the payload", () => {
    const { api, ready } = makeExtensions();
    const [, waiter] = ready("agent", ["INVOKE"]);
    api.invoke(facts);
    const [delivery] = waiter.got;
    assert.equal(delivery?.type, "INVOKE");
    assert.deepEqual(JSON.parse(delivery.body), {
      eventType: "INVOKE",
      deadlineMs: 1_646_394_703_586,
      requestId: facts.requestId,
      invokedFunctionArn: facts.invokedFunctionArn,
      tracing: { type: "X-Amzn-Trace-Id", value: facts.traceId },
    });
  });

  test("INVOKE has no tracing when there is no trace", () => {
    const { api, ready } = makeExtensions();
    const [, waiter] = ready("agent", ["INVOKE"]);
    api.invoke({ ...facts, traceId: "" });
    assert.equal("tracing" in JSON.parse(waiter.got[0]?.body ?? ""), false);
  });

  for (const reason of ["spindown", "timeout", "failure"] as const) {
    test(`SHUTDOWN tells the reason ${reason}`, () => {
      const { api, ready } = makeExtensions({ external: ["agent"] });
      const [agent, waiter] = ready("agent", ["SHUTDOWN"]);
      api.shutdown(agent, reason, 1_646_394_705_586);
      const [delivery] = waiter.got;
      assert.equal(delivery?.type, "SHUTDOWN");
      assert.deepEqual(JSON.parse(delivery.body), {
        eventType: "SHUTDOWN",
        shutdownReason: reason,
        deadlineMs: 1_646_394_705_586,
      });
    });
  }

  test("INVOKE goes to all who subscribed to it, and to nobody else", () => {
    const { api, ready } = makeExtensions({ external: ["both", "shutdown", "none"] });
    const [, both] = ready("both", ["INVOKE", "SHUTDOWN"]);
    const [, shutdown] = ready("shutdown", ["SHUTDOWN"]);
    const [, none] = ready("none");
    const [, inside] = ready("inside", ["INVOKE"]);
    const [, sigterm] = ready("GoLangEnableSIGTERM");
    api.invoke(facts);
    assert.deepEqual(both.types, ["INVOKE"]);
    assert.deepEqual(inside.types, ["INVOKE"]);
    for (const waiter of [shutdown, none, sigterm]) assert.deepEqual(waiter.types, []);
    assert.deepEqual(both.got, inside.got);
  });

  test("INVOKE goes to nobody when several invocations run at once", () => {
    const { api, ready } = makeExtensions({ external: ["agent"], isConcurrent: true });
    const [agent, waiter] = ready("agent", ["SHUTDOWN"]);
    api.invoke(facts);
    assert.deepEqual(waiter.types, []);
    assert.equal(api.unfinished, undefined);
    api.shutdown(agent, "spindown", 1);
    assert.deepEqual(waiter.types, ["SHUTDOWN"]);
  });

  test("SHUTDOWN reaches one that is still busy with its next call", () => {
    const { api, ready, next } = makeExtensions({ external: ["agent"] });
    const [agent] = ready("agent", ["INVOKE", "SHUTDOWN"]);
    api.invoke(facts);
    assert.equal(agent.state, "Running");
    api.shutdown(agent, "timeout", 1);
    assert.equal(agent.state, "Running");
    assert.deepEqual(next(agent).types, ["SHUTDOWN"]);
    assert.deepEqual(next(agent).types, []);
  });

  test("SHUTDOWN reaches one that has never called next with its first call", () => {
    const { api, register, next } = makeExtensions({ external: ["agent"] });
    const agent = register("agent", ["SHUTDOWN"]);
    api.shutdown(agent, "failure", 1);
    assert.equal(agent.state, "Registered");
    assert.deepEqual(next(agent).types, ["SHUTDOWN"]);
    assert.equal(agent.state, "Running");
  });

  test("a second concurrent next is refused, and the first one gets the event", () => {
    const { api, ready, rejects, moves } = makeExtensions();
    const [{ id }, waiter] = ready("agent", ["INVOKE"]);
    const second = new CollectingWaiter();
    assert.equal(
      refusalOf(api.next(id, second)),
      `Extension.InvalidExtensionState: State transition from Ready to Ready failed for extension ${id}. Error: State transition is not allowed`,
    );
    api.invoke(facts);
    assert.deepEqual(waiter.types, ["INVOKE"]);
    assert.deepEqual(second.types, []);
    assert.deepEqual(rejects, ["extension_state"]);
    assert.equal(moves.count, 2);
  });

  test("an event that comes while the connection is lost goes to the repeated call", () => {
    const { api, ready, next } = makeExtensions();
    const [agent, lost] = ready("agent", ["INVOKE"]);
    agent.stopWaiting(lost);
    api.invoke(facts);
    assert.equal(api.unfinished, agent);
    assert.deepEqual(next(agent).types, ["INVOKE"]);
    assert.deepEqual(lost.types, []);
    assert.equal(api.unfinished, agent);
    next(agent);
    assert.equal(api.unfinished, undefined);
  });

  test("an event may be given from within the call that opens the barrier", () => {
    const fixture: ExtensionsFixture = makeExtensions({
      moved: () => {
        if (fixture.api.unready === undefined) fixture.api.invoke(facts);
      },
    });
    const extension = fixture.register("agent", ["INVOKE"]);
    const waiter = new CollectingWaiter();
    assert.equal(fixture.api.next(extension.id, waiter), extension);
    assert.deepEqual(waiter.types, ["INVOKE"]);
    assert.equal(extension.state, "Running");
  });
});

describe("the barriers", () => {
  test("without extensions all are open", () => {
    const { api } = makeExtensions();
    assert.equal(api.unregistered, undefined);
    assert.equal(api.unready, undefined);
    assert.equal(api.unfinished, undefined);
    assert.equal(api.hasRegistered, false);
    assert.equal(waitingCount(api), 0);
  });

  test("the runtime waits for the registration of every external extension", () => {
    const { api, register } = makeExtensions({ external: ["a", "b"] });
    assert.equal(api.unregistered?.name, "a");
    register("a");
    assert.equal(api.unregistered?.name, "b");
    register("inside");
    assert.equal(api.unregistered?.name, "b");
    register("b");
    assert.equal(api.unregistered, undefined);
  });

  test("the initialisation waits for the first next of all, whatever they subscribed to", () => {
    const { api, register, next } = makeExtensions({ external: ["a"] });
    assert.equal(api.unready?.name, "a");
    const [a, inside, sigterm] = [
      register("a", ["INVOKE"]),
      register("inside", ["INVOKE"]),
      register("GoLangEnableSIGTERM"),
    ];
    assert.equal(api.unregistered, undefined);
    for (const extension of [a, inside, sigterm]) {
      assert.equal(api.unready, extension);
      next(extension);
    }
    assert.equal(api.unready, undefined);
    assert.equal(waitingCount(api), 3);
  });

  test("the initialisation does not take a lost connection for a missing next", () => {
    const { api, ready } = makeExtensions();
    const [agent, lost] = ready("agent");
    agent.stopWaiting(lost);
    assert.equal(api.unready, undefined);
    assert.equal(waitingCount(api), 0);
  });

  for (const call of ["initError", "exitError"] as const) {
    test(`the initialisation is never over after ${call}`, () => {
      const { api, register } = makeExtensions();
      const agent = register("agent");
      api.error(call, agent.id, "Extension.Bad");
      assert.equal(api.unready, agent);
    });
  }

  test("an invocation waits for those who were told of it, in any order, and for nobody else", () => {
    const { api, ready, next } = makeExtensions({ external: ["a", "b", "quiet"] });
    const [a] = ready("a", ["INVOKE"]);
    const [b] = ready("b", ["INVOKE", "SHUTDOWN"]);
    ready("quiet", ["SHUTDOWN"]);
    ready("GoLangEnableSIGTERM");
    assert.equal(api.unfinished, undefined);
    for (const [first, second] of [
      [a, b],
      [b, a],
    ] as const) {
      api.invoke(facts);
      assert.equal(api.unfinished, a);
      next(first);
      assert.equal(api.unfinished, second);
      next(second);
      assert.equal(api.unfinished, undefined);
    }
  });

  test("an invocation is not complete for one that has failed in it", () => {
    const { api, ready } = makeExtensions();
    const [agent] = ready("agent", ["INVOKE"]);
    api.invoke(facts);
    api.error("exitError", agent.id, "Extension.Bad");
    assert.equal(api.unfinished, agent);
  });

  test("hasRegistered counts those who did, also without any event", () => {
    const external = makeExtensions({ external: ["agent"] });
    assert.equal(external.api.hasRegistered, false);
    external.register("agent");
    assert.equal(external.api.hasRegistered, true);
    const internal = makeExtensions();
    const { id } = internal.register("GoLangEnableSIGTERM");
    assert.equal(internal.api.hasRegistered, true);
    internal.api.error("initError", id, "Extension.Bad");
    assert.equal(internal.api.hasRegistered, true);
  });

  test("hasRegistered does not count one that could not be started", () => {
    const { api } = makeExtensions({ external: ["agent"] });
    api.named("agent")?.apply("launchFailed");
    assert.equal(api.hasRegistered, false);
  });

  test("each registration and each next tells that a barrier may be open", () => {
    const { api, moves, register, next } = makeExtensions();
    const agent = register("agent", ["INVOKE"]);
    assert.equal(moves.count, 1);
    next(agent);
    assert.equal(moves.count, 2);
    api.invoke(facts);
    assert.equal(moves.count, 2);
    next(agent);
    assert.equal(moves.count, 3);
  });
});
