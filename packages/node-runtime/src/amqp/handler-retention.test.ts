import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { payloadOf } from "@lambdad/core";
import { invocationOf, settled } from "@lambdad/testkit";
import { InvocationScope } from "../invocation-scope.ts";
import { HandlerInvoker } from "./handler-invoker.ts";
import { testEnvironment } from "./testdata/test-invokers.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("HandlerInvoker keeps no event because its handler has left a timer or a socket behind (INV-8)", async (t) => {
  const timers: NodeJS.Timeout[] = [];
  t.after(() => timers.forEach((timer) => clearInterval(timer)));
  const invoker = new HandlerInvoker({
    handler: () => {
      timers.push(setInterval(() => undefined, 60_000));
    },
    timeoutMs: 60_000,
    environment: testEnvironment,
    scope: new InvocationScope(true),
    logError: () => undefined,
    timedOut: () => undefined,
  });

  async function call(): Promise<WeakRef<Uint8Array>> {
    const bytes = new Uint8Array(1_000_000);
    const contentType = "application/octet-stream";
    const invocation = { ...invocationOf(bytes), payload: payloadOf(bytes), contentType };
    await invoker.invoke(invocation, new AbortController().signal);
    return new WeakRef(bytes);
  }

  const kept = await call();
  await settled();
  collectGarbage();
  assert.equal(timers.length, 1);
  assert.ok(kept.deref() === undefined, "the event is still there");
});
