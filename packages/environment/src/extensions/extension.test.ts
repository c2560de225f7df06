import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CollectingWaiter } from "../testdata/extensions-fixture.ts";
import { Extension, type ExtensionDelivery } from "./extension.ts";

const invoke: ExtensionDelivery = { type: "INVOKE", body: '{"n":1}' };
const shutdown: ExtensionDelivery = { type: "SHUTDOWN", body: '{"n":2}' };

function registered(): Extension {
  const extension = new Extension("agent", "external");
  assert.equal(extension.apply("register"), true);
  extension.subscribe(["INVOKE", "SHUTDOWN"]);
  return extension;
}

/** Registered, and blocked in `event/next`. */
function ready(): readonly [Extension, CollectingWaiter] {
  const extension = registered();
  return [extension, next(extension)];
}

function next(extension: Extension): CollectingWaiter {
  const waiter = new CollectingWaiter();
  assert.equal(extension.apply("next"), true);
  extension.wait(waiter);
  return waiter;
}

describe("Extension", () => {
  test("has an identifier of its own, a UUID", () => {
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const [one, other] = [new Extension("a", "internal"), new Extension("a", "internal")];
    assert.match(one.id, uuid);
    assert.notEqual(one.id, other.id);
  });

  test("apply() changes nothing when the transition is refused", () => {
    const extension = new Extension("agent", "external");
    assert.equal(extension.apply("next"), false);
    assert.equal(extension.state, "Started");
  });

  test("wants() what it subscribed to, and nothing before", () => {
    const extension = new Extension("agent", "external");
    assert.equal(extension.wants("INVOKE"), false);
    extension.subscribe(["SHUTDOWN"]);
    assert.equal(extension.wants("INVOKE"), false);
    assert.equal(extension.wants("SHUTDOWN"), true);
    assert.deepEqual(extension.events, ["SHUTDOWN"]);
  });

  test("failed() keeps the first error", () => {
    const extension = registered();
    extension.failed("Extension.First");
    extension.failed("Extension.Second");
    assert.equal(extension.errorType, "Extension.First");
  });

  test("hasReportedError only after init/error or exit/error", () => {
    assert.equal(registered().hasReportedError, false);
    for (const call of ["initError", "exitError"] as const) {
      const extension = registered();
      extension.apply(call);
      assert.equal(extension.hasReportedError, true);
    }
    const launched = new Extension("agent", "external");
    launched.apply("launchFailed");
    assert.equal(launched.hasReportedError, false);
  });

  test("give() releases the call that waits, once", () => {
    const [extension, waiter] = ready();
    assert.equal(extension.isWaiting, true);
    assert.equal(extension.isBack, true);
    extension.give(invoke);
    assert.deepEqual(waiter.got, [invoke]);
    assert.equal(extension.state, "Running");
    assert.equal(extension.isWaiting, false);
    assert.equal(extension.isBack, false);
    extension.give(shutdown);
    assert.deepEqual(waiter.got, [invoke]);
  });

  test("give() keeps the event for the next call when it is not waiting", () => {
    const extension = registered();
    extension.give(shutdown);
    assert.equal(extension.state, "Registered");
    const waiter = next(extension);
    assert.deepEqual(waiter.got, [shutdown]);
    assert.equal(extension.state, "Running");
    assert.deepEqual(next(extension).got, [], "the event was given away twice");
  });

  test("give() replaces an event that was not taken: after SHUTDOWN there is no INVOKE", () => {
    const [extension, first] = ready();
    extension.stopWaiting(first);
    extension.give(invoke);
    extension.give(shutdown);
    assert.deepEqual(next(extension).got, [shutdown]);
  });

  test("refuses a second call of next while the first one is open", () => {
    const [extension, waiter] = ready();
    assert.equal(extension.apply("next"), false);
    extension.give(invoke);
    assert.deepEqual(waiter.got, [invoke], "the refused call took the event");
  });

  test("allows next again when the connection of the first call was lost", () => {
    const [extension, lost] = ready();
    extension.stopWaiting(lost);
    assert.equal(extension.state, "Ready");
    assert.equal(extension.isWaiting, false);
    const waiter = next(extension);
    extension.give(invoke);
    assert.deepEqual(waiter.got, [invoke]);
    assert.deepEqual(lost.got, []);
  });

  test("is not back while an event waits for its next call", () => {
    const [extension, lost] = ready();
    extension.stopWaiting(lost);
    assert.equal(extension.isBack, true);
    extension.give(invoke);
    assert.equal(extension.isBack, false);
    next(extension);
    assert.equal(extension.isBack, false);
    next(extension);
    assert.equal(extension.isBack, true);
  });

  test("stopWaiting() of an earlier call leaves the present one alone", () => {
    const [extension, first] = ready();
    extension.give(invoke);
    const second = next(extension);
    extension.stopWaiting(first);
    extension.give(shutdown);
    assert.deepEqual(second.got, [shutdown]);
  });

  test("give() tells nothing to one that has reported an error in another call", () => {
    const [extension, waiter] = ready();
    assert.equal(extension.apply("exitError"), true);
    extension.give(shutdown);
    assert.deepEqual(waiter.got, []);
    assert.equal(extension.state, "ExitError");
  });
});
