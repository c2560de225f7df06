import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, ClientCall, ClientResult, ClientTraits } from "./client.ts";
import { invoke } from "./invoke.ts";
import type { Daemon } from "./start-lambdad.ts";

export interface ClientFixture {
  readonly daemon: Daemon;
  readonly client: Client;
  readonly traits: ClientTraits;
}

export interface ClientScenario {
  readonly title: string;
  /** Why this client is left out. */
  readonly skip?: (traits: ClientTraits) => string | false;
  run(fixture: ClientFixture): Promise<void>;
}

const account = "012345678912";
const arn = `arn:aws:lambda:us-east-1:${account}:function:conformance`;

function call(
  { client }: ClientFixture,
  event: unknown,
  options: Partial<ClientCall> = {},
): Promise<ClientResult> {
  return client.call({ FunctionName: "conformance", Payload: JSON.stringify(event), ...options });
}

function payloadOf(result: ClientResult): Record<string, unknown> {
  assert.equal(result.error, undefined, JSON.stringify(result.error));
  return JSON.parse(result.payload ?? "") as Record<string, unknown>;
}

interface ExpectedError {
  readonly name: string;
  readonly status: number;
  readonly message: RegExp;
}

/** The error has AWS's name, class, status and text, as this client shows them. */
function assertError(
  { traits }: ClientFixture,
  result: ClientResult,
  expected: ExpectedError,
): NonNullable<ClientResult["error"]> {
  const { error } = result;
  if (error === undefined) throw new Error(`Cannot find an error: ${JSON.stringify(result)}`);
  assert.equal(error.name, expected.name, JSON.stringify(error));
  assert.match(error.message, expected.message);
  if (error.status !== undefined) assert.equal(error.status, expected.status);
  if (traits.hasErrorClasses && error.name !== "ValidationException") {
    assert.equal(error.class, expected.name);
  }
  if (traits.showsRequestId) assert.match(error.requestId ?? "", /^[0-9a-f-]{36}$/);
  return error;
}

const invoking: readonly ClientScenario[] = [
  {
    title: "Invoke gives the payload, status 200 and the executed version",
    run: async (fixture) => {
      const event = { text: "Grüße ✓ 🦙", list: [1, 2.5, null] };
      const result = await call(fixture, event);
      assert.deepEqual(payloadOf(result), event);
      assert.equal(result.status, 200);
      assert.equal(result.executedVersion, "$LATEST");
      assert.equal(result.functionError, undefined);
    },
  },
  {
    title: "Invoke without a payload gives the function an empty object",
    run: async ({ client }) => {
      const result = await client.call({ FunctionName: "conformance" });
      assert.deepEqual(payloadOf(result), {});
    },
  },
  {
    title: "Invoke carries 6 MiB both ways (HT-15)",
    run: async (fixture) => {
      const data = "x".repeat(6 * 1024 * 1024 - 100);
      const result = await call(fixture, { data });
      assert.equal((payloadOf(result)["data"] as string).length, data.length);
    },
  },
  {
    title: "Event is accepted with 202 and runs",
    run: async (fixture) => {
      const mark = randomUUID();
      const event = { action: "log", lines: [mark] };
      const result = await call(fixture, event, { InvocationType: "Event" });
      assert.equal(result.error, undefined, JSON.stringify(result.error));
      assert.equal(result.status, 202);
      assert.equal(result.payload, "");
      await fixture.daemon.output.waitFor(new RegExp(mark), 10_000);
    },
  },
  {
    title: "DryRun is 204 and does not run",
    run: async (fixture) => {
      const mark = randomUUID();
      const result = await call(
        fixture,
        { action: "log", lines: [mark] },
        { InvocationType: "DryRun" },
      );
      assert.equal(result.error, undefined, JSON.stringify(result.error));
      assert.equal(result.status, 204);
      assert.equal(result.payload, "");
      payloadOf(await call(fixture, {}));
      assert.ok(!fixture.daemon.output.text.includes(mark));
    },
  },
  {
    title: "the log tail is there when it is asked for",
    run: async (fixture) => {
      const mark = randomUUID();
      const event = { action: "log", lines: [mark] };
      const { log = "" } = await call(fixture, event, { LogType: "Tail" });
      assert.match(log, new RegExp(`START RequestId: [^]*${mark}[^]*END RequestId: [^]*REPORT `));
      assert.equal((await call(fixture, event)).log, undefined);
    },
  },
  {
    title: "the client context reaches the function",
    run: async (fixture) => {
      const custom = { tenant: "Zürich" };
      const ClientContext = Buffer.from(JSON.stringify({ custom })).toString("base64");
      const context = payloadOf(await call(fixture, { action: "context" }, { ClientContext }));
      assert.deepEqual(context["custom"], custom);
    },
  },
  {
    title: "a function error is a result with FunctionError, not an exception",
    run: async (fixture) => {
      const result = await call(fixture, { action: "fail", message: "böse" });
      const { errorType, errorMessage } = payloadOf(result);
      assert.deepEqual([errorType, errorMessage], ["FixtureError", "böse"]);
      assert.equal(result.status, 200);
      assert.equal(result.functionError, "Unhandled");
    },
  },
  {
    title: "the request id is one: the client's, the context's and that of START",
    run: async (fixture) => {
      const result = await call(fixture, { action: "context" });
      const id = payloadOf(result)["requestId"] as string;
      if (fixture.traits.showsRequestId) assert.equal(result.requestId, id);
      await fixture.daemon.output.waitFor(new RegExp(`START RequestId: ${id}`), 5_000);
    },
  },
];

/** Every form of the function's name, and the ARN that the function sees. */
const addressed: readonly {
  readonly name: string;
  readonly qualifier?: string;
  readonly seen: string;
}[] = [
  { name: "conformance", seen: arn },
  { name: "conformance:$LATEST", seen: `${arn}:$LATEST` },
  { name: "conformance", qualifier: "$LATEST", seen: `${arn}:$LATEST` },
  { name: `${account}:function:conformance`, seen: arn },
  { name: arn, seen: arn },
  { name: `${arn}:$LATEST`, seen: `${arn}:$LATEST` },
  { name: arn, qualifier: "$LATEST", seen: `${arn}:$LATEST` },
];

const addressing: readonly ClientScenario[] = addressed.map(({ name, qualifier, seen }) => ({
  title: `the function answers to ${name}${qualifier === undefined ? "" : ` with ${qualifier}`}`,
  run: async (fixture) => {
    const result = await call(
      fixture,
      { action: "context" },
      { FunctionName: name, ...(qualifier === undefined ? {} : { Qualifier: qualifier }) },
    );
    assert.equal(payloadOf(result)["arn"], seen);
    assert.equal(result.executedVersion, "$LATEST");
  },
}));

const failing: readonly ClientScenario[] = [
  {
    title: "an unknown function is ResourceNotFoundException (HT-10)",
    run: async (fixture) => {
      assertError(fixture, await call(fixture, {}, { FunctionName: "nobody" }), {
        name: "ResourceNotFoundException",
        status: 404,
        message: /^Function not found: arn:aws:lambda:us-east-1:\d{12}:function:nobody:\$LATEST$/,
      });
    },
  },
  {
    title: "an unknown version is ResourceNotFoundException",
    run: async (fixture) => {
      assertError(fixture, await call(fixture, {}, { Qualifier: "77" }), {
        name: "ResourceNotFoundException",
        status: 404,
        message: /:function:conformance:77$/,
      });
    },
  },
  {
    title: "two qualifiers that differ are InvalidParameterValueException",
    run: async (fixture) => {
      const names = { FunctionName: "conformance:1", Qualifier: "2" };
      assertError(fixture, await call(fixture, {}, names), {
        name: "InvalidParameterValueException",
        status: 400,
        message: /derived qualifier from the function name does not match/,
      });
    },
  },
  {
    title: "an event that is no JSON is InvalidRequestContentException (HT-8)",
    run: async (fixture) => {
      const result = await call(fixture, {}, { Payload: '{"a": nothing}' });
      assertError(fixture, result, {
        name: "InvalidRequestContentException",
        status: 400,
        message: /^Could not parse request body into json/,
      });
    },
  },
  {
    title: "an event over 6 MiB and 100 bytes is RequestTooLargeException (HT-5)",
    run: async (fixture) => {
      assertError(fixture, await call(fixture, { data: "x".repeat(6_291_557) }), {
        name: "RequestTooLargeException",
        status: 413,
        message: /6291556/,
      });
    },
  },
  {
    title: "an asynchronous event over 1 MiB is RequestTooLargeException (HT-5)",
    run: async (fixture) => {
      const options = { InvocationType: "Event" } as const;
      assertError(fixture, await call(fixture, { data: "x".repeat(1_048_577) }, options), {
        name: "RequestTooLargeException",
        status: 413,
        message: /1048576/,
      });
    },
  },
  {
    title: "a busy function is TooManyRequestsException with its reason and when to retry (HT-11)",
    run: async (fixture) => {
      const { daemon } = fixture;
      const gate = join(tmpdir(), `lambdad-conformance-${randomUUID()}`);
      const held = invoke(daemon, JSON.stringify({ action: "hold", gate }));
      try {
        await daemon.output.waitFor(new RegExp(`holding ${gate}`), 10_000);
        // One of the two finds the queue full: from then on it is.
        const waiting = [invoke(daemon, "1"), invoke(daemon, "2")];
        const first = await Promise.race(waiting);
        assert.equal(first.status, 429);
        const error = assertError(fixture, await call(fixture, {}), {
          name: "TooManyRequestsException",
          status: 429,
          message: /^Rate Exceeded\.$/,
        });
        if (error.reason !== undefined) {
          assert.match(error.reason, /ConcurrentInvocationLimitExceeded$/);
        }
        if (fixture.traits.hasErrorClasses) assert.equal(String(error.retryAfter), "1");
        await writeFile(gate, "");
        const statuses = await Promise.all(waiting.map(async (answer) => (await answer).status));
        assert.deepEqual(new Set(statuses), new Set([200, 429]));
      } finally {
        await writeFile(gate, "");
        assert.equal((await held).status, 200);
        await rm(gate, { force: true });
      }
      payloadOf(await call(fixture, {}));
    },
  },
];

const cannotStream = (traits: ClientTraits): string | false =>
  traits.streams ? false : "this client has no InvokeWithResponseStream";

const streaming: readonly ClientScenario[] = [
  {
    title: "InvokeWithResponseStream gives all chunks and InvokeComplete",
    skip: cannotStream,
    run: async (fixture) => {
      const event = { action: "stream", chunks: ["eins ", "zwei ✓ ", "drei"] };
      const result = await call(fixture, event, { stream: true, LogType: "Tail" });
      assert.equal(result.error, undefined, JSON.stringify(result.error));
      assert.equal(result.status, 200);
      assert.equal(result.payload, "eins zwei ✓ drei");
      assert.equal(result.executedVersion, "$LATEST");
      assert.equal(result.complete?.errorCode ?? undefined, undefined);
      assert.match(result.complete?.log ?? "", /START RequestId: /);
    },
  },
  {
    title: "InvokeWithResponseStream of a buffered response gives it as a stream",
    skip: cannotStream,
    run: async (fixture) => {
      const result = await call(fixture, { plain: true }, { stream: true });
      assert.deepEqual(payloadOf(result), { plain: true });
    },
  },
  {
    title: "an error in the middle of a stream is told by InvokeComplete (RT-20)",
    skip: cannotStream,
    run: async (fixture) => {
      const event = { action: "stream", chunks: ["so far"], fails: true, message: "midway" };
      const { payload, complete } = await call(fixture, event, { stream: true });
      assert.equal(payload, "so far");
      assert.ok(complete?.errorCode, JSON.stringify(complete));
      assert.match(complete?.errorDetails ?? "", /midway/);
    },
  },
  {
    title: "a handler's error before the first byte is told by InvokeComplete",
    skip: cannotStream,
    run: async (fixture) => {
      const event = { action: "fail", message: "before" };
      const { complete } = await call(fixture, event, { stream: true });
      assert.equal(complete?.errorCode, "Unhandled");
      assert.match(complete?.errorDetails ?? "", /before/);
    },
  },
  {
    title: "InvokeWithResponseStream of an unknown function is ResourceNotFoundException",
    skip: cannotStream,
    run: async (fixture) => {
      const result = await call(fixture, {}, { FunctionName: "nobody", stream: true });
      assertError(fixture, result, {
        name: "ResourceNotFoundException",
        status: 404,
        message: /^Function not found/,
      });
    },
  },
];

/** What every client is promised. */
export const clientScenarios: readonly ClientScenario[] = [
  ...invoking,
  ...addressing,
  ...failing,
  ...streaming,
];
