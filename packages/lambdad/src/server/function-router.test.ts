import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type FunctionConfiguration,
  HostError,
  type Invocation,
  type InvokeResult,
  payloadOf,
} from "@lambdad/core";
import { invocationOf } from "@lambdad/testkit";
import { FunctionRouter, type FunctionRouterOptions } from "./function-router.ts";

const result: InvokeResult = {
  kind: "returned",
  payload: payloadOf("1"),
  contentType: "application/json",
  executedVersion: "$LATEST",
  logTail: undefined,
};

function configurationOf(name: string): FunctionConfiguration {
  return {
    name,
    version: "$LATEST",
    region: "us-east-1",
    accountId: "012345678912",
    handler: "",
    memorySizeMb: 128,
    timeoutMs: 3_000,
  };
}

interface Fixture {
  readonly router: FunctionRouter;
  /** Who was asked for what. */
  readonly calls: string[];
}

function routerOf(options: Partial<FunctionRouterOptions> = {}): Fixture {
  const calls: string[] = [];
  const answering = (who: string): FunctionRouter["invoke"] => {
    return ({ functionName, type }) => {
      calls.push(`${who} ${type} ${functionName}`);
      return Promise.resolve(result);
    };
  };
  const router = new FunctionRouter({
    local: [{ configuration: configurationOf("here"), invoke: answering("here") }],
    remote: () => ({
      invoke: answering("queue"),
      check: (name, writtenName) => {
        calls.push(`queue check ${name} ${writtenName}`);
        return Promise.resolve();
      },
    }),
    events: () => ({
      accept: ({ functionName }) => {
        calls.push(`store ${functionName}`);
        return Promise.resolve();
      },
    }),
    ...options,
  });
  return { router, calls };
}

function call(functionName: string, type: Invocation["type"] = "RequestResponse"): Invocation {
  return invocationOf(Buffer.from("{}"), { functionName, type });
}

const { signal } = new AbortController();

function isHostError(code: string, text: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof HostError && error.code === code && text.test(error.message);
}

describe("FunctionRouter", () => {
  test("runs functions of this machine here, and all others behind their queues", async () => {
    const { router, calls } = routerOf();
    assert.equal(await router.invoke(call("here"), signal), result);
    assert.equal(await router.invoke(call("there"), signal), result);
    assert.deepEqual(calls, ["here RequestResponse here", "queue RequestResponse there"]);
  });

  test("finds nothing elsewhere when there are no queues", async () => {
    const { router } = routerOf({ remote: () => undefined });
    const isNotFound = isHostError("ResourceNotFoundException", /^Function not found: there$/);
    await assert.rejects(router.invoke(call("there"), signal), isNotFound);
    await assert.rejects(router.check(configurationOf("there"), "there"), isNotFound);
  });

  test("stores the events of this machine's functions", async () => {
    const { router, calls } = routerOf();
    await router.acceptEvent(call("here", "Event"), router);
    assert.deepEqual(calls, ["store here"]);
  });

  test("refuses them with the remedy when they have no place (AS-11)", async () => {
    const { router, calls } = routerOf({ events: () => undefined });
    await assert.rejects(
      router.acceptEvent(call("here", "Event"), router),
      isHostError("ServiceUnavailable", /events of 'here'\. Start with --events=memory /),
    );
    assert.deepEqual(calls, []);
  });

  test("sends all other events to their queues, through the layers around it", async () => {
    const { router, calls } = routerOf();
    let layered = 0;
    const invoker: Pick<FunctionRouter, "invoke"> = {
      invoke: (invocation, each) => {
        layered += 1;
        return router.invoke(invocation, each);
      },
    };
    await router.acceptEvent(call("there", "Event"), invoker);
    assert.deepEqual(calls, ["queue Event there"]);
    assert.equal(layered, 1);
  });

  test("knows its functions without asking, and asks for others", async () => {
    const { router, calls } = routerOf();
    await router.check(configurationOf("here"), "here");
    assert.deepEqual(calls, []);
    await router.check(configurationOf("there"), "there:7");
    assert.deepEqual(calls, ["queue check there there:7"]);
  });
});
