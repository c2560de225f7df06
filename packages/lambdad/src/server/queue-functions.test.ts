import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError, type Invocation, type InvokeResult, payloadOf } from "@lambdad/core";
import { invocationOf } from "@lambdad/testkit";
import type { QueueProfileName } from "../configuration/server-configuration.ts";
import { QueueFunctions } from "./queue-functions.ts";

const result: InvokeResult = {
  kind: "returned",
  payload: payloadOf("1"),
  contentType: "application/json",
  executedVersion: "$LATEST",
  logTail: undefined,
};

interface Fixture {
  readonly functions: QueueFunctions;
  /** Queues that were tried. */
  readonly tried: string[];
}

/** Functions behind the given queues, with their profiles. */
function functionsOf(
  queues: Readonly<Record<string, QueueProfileName>>,
  answer: () => Promise<InvokeResult> = () => Promise.resolve(result),
): Fixture {
  const tried: string[] = [];
  const exists = (queue: string): boolean => Object.hasOwn(queues, queue);
  const functions = new QueueFunctions({
    invoker: {
      invoke: ({ functionName }) => {
        tried.push(functionName);
        if (exists(functionName)) return answer();
        return Promise.reject(new HostError("ResourceNotFoundException", `No '${functionName}'`));
      },
    },
    exists: (queue) => Promise.resolve(exists(queue)),
    profileOf: (queue) => queues[queue] ?? "compat",
  });
  return { functions, tried };
}

function call(members: Partial<Invocation> = {}): Invocation {
  return invocationOf(Buffer.from("{}"), { functionName: "echo", ...members });
}

const { signal } = new AbortController();

function isNotFound(error: unknown): boolean {
  return error instanceof HostError && error.code === "ResourceNotFoundException";
}

describe("QueueFunctions", () => {
  test("sends to the queue of the bare name, whatever was written", async () => {
    const { functions, tried } = functionsOf({ echo: "compat", "echo:7": "compat" });
    assert.equal(await functions.invoke(call({ writtenName: "echo:7" }), signal), result);
    assert.deepEqual(tried, ["echo"]);
  });

  test("tries what the caller wrote when there is no queue of the bare name", async () => {
    const { functions, tried } = functionsOf({ "123456789012:function:echo": "compat" });
    const invocation = call({ writtenName: "123456789012:function:echo" });
    assert.equal(await functions.invoke(invocation, signal), result);
    assert.deepEqual(tried, ["echo", "123456789012:function:echo"]);
  });

  for (const writtenName of ["echo", undefined, "echo:7"]) {
    test(`finds nothing by '${writtenName}' when there is no queue`, async () => {
      const { functions, tried } = functionsOf({});
      const invocation = call(writtenName === undefined ? {} : { writtenName });
      await assert.rejects(functions.invoke(invocation, signal), { message: "No 'echo'" });
      assert.equal(tried.length, writtenName === "echo:7" ? 2 : 1);
    });
  }

  test("tries no other queue when a call fails otherwise", async () => {
    const error = new HostError("TooManyRequestsException", "Full");
    const { functions, tried } = functionsOf({ echo: "compat", "echo:7": "compat" }, () =>
      Promise.reject(error),
    );
    await assert.rejects(functions.invoke(call({ writtenName: "echo:7" }), signal), error);
    assert.deepEqual(tried, ["echo"]);
  });

  test("tells why the written one failed when there is a queue of that name", async () => {
    const error = new HostError("TooManyRequestsException", "Full");
    const { functions } = functionsOf({ "echo:7": "compat" }, () => Promise.reject(error));
    await assert.rejects(functions.invoke(call({ writtenName: "echo:7" }), signal), error);
  });

  for (const profile of ["durable", "quorum"] as const) {
    test(`sends an event to a queue of the profile ${profile} (INV-1)`, async () => {
      const { functions, tried } = functionsOf({ echo: profile });
      await functions.invoke(call({ type: "Event" }), signal);
      assert.deepEqual(tried, ["echo"]);
    });
  }

  test("sends no event to a queue that may lose it, and tells the remedy (AS-11)", async () => {
    const { functions, tried } = functionsOf({ echo: "compat" });
    await assert.rejects(
      functions.invoke(call({ type: "Event" }), signal),
      (error) =>
        error instanceof HostError &&
        error.code === "ServiceUnavailable" &&
        error.message.includes("--queue-profile durable or quorum (here also: echo=durable)"),
    );
    assert.deepEqual(tried, []);
  });

  test("sends an event to the queue that is called as the caller wrote", async () => {
    const { functions, tried } = functionsOf({ "echo:7": "durable" });
    await functions.invoke(call({ type: "Event", writtenName: "echo:7" }), signal);
    assert.deepEqual(tried, ["echo:7"]);
  });

  test("knows whether a queue is there, by either name", async () => {
    const { functions } = functionsOf({ echo: "compat", "sum:7": "compat" });
    await functions.check("echo", "echo");
    await functions.check("sum", "sum:7");
    await assert.rejects(functions.check("sum", "sum"), isNotFound);
    await assert.rejects(functions.check("nope", "nope:1"), isNotFound);
  });

  test("waits until nothing is in flight", async () => {
    const running = Promise.withResolvers<InvokeResult>();
    const { functions } = functionsOf({ echo: "compat" }, () => running.promise);
    await functions.idle(60_000);
    const calls = [functions.invoke(call(), signal), functions.invoke(call(), signal)];
    const order: string[] = [];
    const idle = functions.idle(60_000).then(() => order.push("idle"));
    for (const each of calls) void each.then(() => order.push("answered"));
    running.resolve(result);
    await idle;
    assert.deepEqual(order, ["answered", "answered", "idle"]);
  });

  test("does not wait longer than it is told", async () => {
    const { functions } = functionsOf({ echo: "compat" }, () => new Promise(() => {}));
    void functions.invoke(call(), signal);
    await functions.idle(1);
  });
});
