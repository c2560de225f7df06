// Our callers against a function host in Python, which has the habits and the weaknesses of the
// existing ones: the contract of AMQP-RPC, §5 to §8.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type AmqpMessage, base64, startPythonHost } from "./amqp-python.ts";
import { prepareBroker } from "./amqp-python-broker.ts";
import {
  CommandCaller,
  type FunctionCaller,
  type FunctionOutcome,
  LibraryCaller,
  ServerCaller,
} from "./amqp-python-function-callers.ts";
import { uniqueQueue } from "./amqp-python-hosts.ts";
import type { DaemonProcess } from "./daemon-process.ts";
import { pika } from "./install/parts.ts";
import { prepare } from "./prepare.ts";

const options = { timeout: 60_000 };

const callers: readonly {
  readonly name: string;
  readonly start: (brokerUri: string) => FunctionCaller | Promise<FunctionCaller>;
}[] = [
  { name: "connect() of @lambdad/invoke-amqp", start: (brokerUri) => new LibraryCaller(brokerUri) },
  { name: "lambdad invoke --amqp-uri", start: (brokerUri) => new CommandCaller(brokerUri) },
  { name: "lambdad server", start: (brokerUri) => ServerCaller.start(brokerUri) },
];

/** What the function saw: the action `message` returns it. */
function messageOf(outcome: FunctionOutcome): AmqpMessage {
  assert.equal(outcome.kind, "returned", JSON.stringify(outcome));
  return (outcome as { payload: AmqpMessage }).payload;
}

function assertFailed(outcome: FunctionOutcome, text: RegExp): void {
  assert.equal(outcome.kind, "failed", JSON.stringify(outcome));
  const { errorType, text: shown } = outcome as FunctionOutcome & { kind: "failed" };
  assert.equal(errorType, "FixtureError");
  assert.match(shown, text);
}

const folder = await prepare(pika);
const brokerUri = folder === undefined ? undefined : await prepareBroker();

if (folder !== undefined && brokerUri !== undefined) {
  for (const { name, start } of callers) {
    describe(`a function in Python, ${name}`, () => {
      const functionName = uniqueQueue();
      let host: DaemonProcess | undefined;
      let running: FunctionCaller | undefined;
      before(async () => {
        host = await startPythonHost(folder, functionName, brokerUri);
        running = await start(brokerUri);
      });
      after(async () => {
        await running?.stop();
        await host?.stop();
      });
      const call = (payload: unknown, more: object = {}): Promise<FunctionOutcome> => {
        if (running === undefined) throw new Error("Not started");
        return running.call({ functionName, payload, ...more });
      };

      for (const payload of [{ größe: [1, 2.5, null] }, ["a"], "text"]) {
        test(`returns ${JSON.stringify(payload)}`, options, async () => {
          assert.deepEqual(await call(payload), { kind: "returned", payload });
        });
      }

      test("the request is as the contract has it", options, async () => {
        const clientContext = { custom: { from: "lambdad" } };
        const message = messageOf(await call({ action: "message" }, { clientContext }));
        assert.equal(message.contentType, "application/json");
        assert.equal(message.deliveryMode, 1);
        assert.match(message.correlationId ?? "", /^[\x21-\x7e]{8,255}$/);
        assert.match(message.expiration ?? "", /^\d+$/);
        assert.ok((message.replyTo ?? "") !== "");
        assert.equal(message.userId, undefined);
        const { headers = {} } = message;
        const context = Buffer.from(String(headers["X-Amz-Client-Context"]), "base64").toString();
        assert.deepEqual(JSON.parse(context), clientContext);
        for (const [header, value] of Object.entries(headers)) {
          assert.equal(typeof value, "string", `${header} is no text: hosts die of it`);
        }
        assert.equal(headers["x-amqp-0-9-1.subject"], undefined);
      });

      test("every call has a correlation id of its own", options, async () => {
        const outcomes = [await call({ action: "message" }), await call({ action: "message" })];
        const ids = outcomes.map((outcome) => messageOf(outcome).correlationId);
        assert.notEqual(ids[0], ids[1]);
      });

      test("a failed function is a function error", options, async () => {
        assertFailed(await call({ action: "fail", message: "On purpose" }), /On purpose/);
      });

      test(
        "also when the error is no valid JSON, because its text is not escaped",
        options,
        async () => {
          const message = 'a "quoted"\nand broken text';
          assertFailed(await call({ action: "fail", message }), /quoted/);
        },
      );

      for (const value of [null, 5, true]) {
        test(
          `the result ${value}, which it never answers, ends in the caller's own limit`,
          options,
          async () => {
            const outcome = await call({ action: "result", value });
            assert.notEqual(outcome.kind, "returned", JSON.stringify(outcome));
            assert.match(JSON.stringify(outcome), /[Tt]imed ?out|Timeout|no response within/);
            assert.deepEqual(await call("next"), { kind: "returned", payload: "next" });
          },
        );
      }

      test("vector 3: no queue of that name is ResourceNotFoundException", options, async () => {
        const outcome = await call("x", { functionName: uniqueQueue() });
        assert.deepEqual(outcome, { kind: "refused", name: "ResourceNotFoundException" });
      });
    });
  }

  describe("a function in Python, one connection of @lambdad/invoke-amqp", () => {
    const functionName = uniqueQueue();
    let host: DaemonProcess | undefined;
    let caller: LibraryCaller | undefined;
    before(async () => {
      host = await startPythonHost(folder, functionName, brokerUri);
      caller = new LibraryCaller(brokerUri);
    });
    after(async () => {
      await caller?.stop();
      await host?.stop();
    });

    test("a thousand calls in flight get each its own result", options, async () => {
      const calls = Array.from({ length: 1000 }, (_, index) => ({
        functionName,
        payload: { index },
      }));
      const outcomes = await caller?.callAll(calls);
      assert.deepEqual(
        outcomes,
        calls.map(({ payload }) => ({ kind: "returned", payload })),
      );
    });

    test("bytes go as bytes, and come back as bytes", options, async () => {
      const bytes = { base64: Buffer.from([0, 255, 10, 128]).toString("base64") };
      const echoed = await caller?.call({ functionName, payload: bytes });
      assert.deepEqual(echoed, { kind: "returned", payload: bytes });
      const action = { action: "bytes", base64: base64("Hello") };
      const made = await caller?.call({ functionName, payload: action });
      assert.deepEqual(made, { kind: "returned", payload: { base64: base64("Hello") } });
    });

    test(
      "the two that answer last are not held up by one that never answers",
      options,
      async () => {
        const payloads = [{ action: "result", value: null }, "a", { action: "sleep", ms: 200 }];
        const calls = payloads.map((payload) => ({ functionName, payload }));
        const outcomes = (await caller?.callAll(calls)) ?? [];
        assert.deepEqual(
          outcomes.map(({ kind }) => kind),
          ["refused", "returned", "returned"],
        );
      },
    );
  });

  test(
    "lambdad server does not take the id of an SDK's retries for a correlation id",
    options,
    async (t) => {
      const functionName = uniqueQueue();
      const host = await startPythonHost(folder, functionName, brokerUri);
      t.after(() => host.stop());
      const server = await ServerCaller.start(brokerUri);
      t.after(() => server.stop());
      const headers = { "Amz-Sdk-Invocation-Id": "11111111-2222-4333-8444-555555555555" };
      const payload = { action: "message" };
      const outcomes = await Promise.all([
        server.callWith({ functionName, payload }, headers),
        server.callWith({ functionName, payload }, headers),
      ]);
      const ids = outcomes.map((outcome) => messageOf(outcome).correlationId);
      assert.equal(new Set([...ids, headers["Amz-Sdk-Invocation-Id"]]).size, 3);
    },
  );

  test("lambdad server carries the trace header through as text", options, async (t) => {
    const functionName = uniqueQueue();
    const host = await startPythonHost(folder, functionName, brokerUri);
    t.after(() => host.stop());
    const server = await ServerCaller.start(brokerUri);
    t.after(() => server.stop());
    const trace = "Root=1-5e272390-8c398be037738dc042009320;Sampled=1";
    const payload = { action: "message" };
    const outcome = await server.callWith({ functionName, payload }, { "X-Amzn-Trace-Id": trace });
    assert.match(
      String(messageOf(outcome).headers?.["X-Amzn-Trace-Id"]),
      /^Root=1-5e272390-8c398be0/,
    );
  });
}
