import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Answer, header, invoke, json, logTail } from "./invoke.ts";
import type { RuntimeScenario, ScenarioFixture } from "./runtime-scenario.ts";
import { streamingScenarios } from "./streaming-scenarios.ts";

/** The most that a synchronous event or response may have (AWS): 6 MiB and 100 bytes. */
const payloadBytesMax = 6_291_556;

const requestIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Described {
  readonly requestId: string;
  readonly arn: string;
  readonly remainingMs: number;
  readonly custom?: Record<string, string> | null;
  /** bash has no JSON parser: it hands over the whole client context. */
  readonly client?: { readonly custom: Record<string, string> };
  readonly traceId: string;
  readonly memoryMb: number;
  readonly name: string;
  readonly version: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly pid: number;
}

async function act(
  { host }: ScenarioFixture,
  event: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return invoke(host, JSON.stringify(event), { headers });
}

async function describe(
  fixture: ScenarioFixture,
  headers: Record<string, string> = {},
): Promise<Described & { readonly answer: Answer }> {
  const answer = await act(fixture, { action: "context" }, headers);
  assert.equal(answer.status, 200, answer.body.toString());
  return { ...(json(answer) as Described), answer };
}

/** A function error: status 200, the header, and this type in the body. */
function assertFunctionError(answer: Answer, errorType: string): { errorMessage: string } {
  assert.equal(answer.status, 200);
  const body = json(answer) as { errorType: string; errorMessage: string };
  assert.equal(body.errorType, errorType, answer.body.toString());
  assert.equal(header(answer, "X-Amz-Function-Error"), "Unhandled");
  return body;
}

/** JSON texts that a host or a client could spoil. */
const echoed: readonly string[] = [
  `{"text":"Zażółć gęślą jaźń ✓ 日本語 🦙 \\u0000 \\ud83e\\udd99"}`,
  `[1,2.5,-3,true,false,null,"",{}]`,
  `"a text"`,
  `42`,
  `{"nested":{"a":{"b":{"c":[[[["deep"]]]]}}}}`,
];

const plain: readonly RuntimeScenario[] = [
  ...echoed.map((payload, index): RuntimeScenario => ({
    id: "echo",
    title: `echo ${index + 1}: the event comes back as it was sent`,
    run: async ({ host, runtime }) => {
      const answer = await invoke(host, payload);
      assert.equal(answer.status, 200, answer.body.toString());
      if (runtime.byteExact) assert.equal(answer.body.toString(), payload);
      assert.deepEqual(json(answer), JSON.parse(payload));
    },
  })),
  {
    id: "answer-headers",
    title: "the answer names the executed version, its JSON type and a request id",
    run: async (fixture) => {
      const answer = await act(fixture, {});
      assert.equal(header(answer, "X-Amz-Executed-Version"), "$LATEST");
      assert.equal(header(answer, "X-Amz-Function-Error"), undefined);
      assert.equal(header(answer, "Content-Type"), "application/json");
      assert.match(header(answer, "x-amzn-RequestId") ?? "", requestIdPattern);
    },
  },
  {
    id: "context",
    title: "the context names the function, its version, memory, log group and deadline",
    run: async (fixture) => {
      const context = await describe(fixture);
      assert.match(context.requestId, requestIdPattern);
      assert.match(context.arn, /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:conformance$/);
      assert.equal(context.name, "conformance");
      assert.equal(context.version, "$LATEST");
      assert.equal(context.memoryMb, 512);
      assert.ok(context.remainingMs > 0 && context.remainingMs <= 20_000, `${context.remainingMs}`);
      assert.notEqual(context.logStream, "");
    },
  },
  {
    id: "log-group",
    title: "the log group and stream have the function's name and version",
    run: async (fixture) => {
      const { logGroup, logStream } = await describe(fixture);
      assert.equal(logGroup, "/aws/lambda/conformance");
      assert.match(logStream, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    },
  },
  {
    id: "request-id",
    title: "the request id is one: in the header, in the context and in START, END and REPORT",
    run: async (fixture) => {
      const { answer, requestId } = await describe(fixture);
      assert.equal(header(answer, "x-amzn-RequestId"), requestId);
      for (const line of ["START", "END", "REPORT"]) {
        await fixture.host.output.waitFor(new RegExp(`${line} RequestId: ${requestId}`), 5_000);
      }
    },
  },
  {
    id: "end-line",
    title: "END and REPORT carry the request id of the context",
    run: async (fixture) => {
      const { requestId } = await describe(fixture);
      for (const line of ["END", "REPORT"]) {
        await fixture.host.output.waitFor(new RegExp(`${line} RequestId: ${requestId}`), 5_000);
      }
    },
  },
  {
    id: "client-context",
    title: "the client context arrives decoded",
    run: async (fixture) => {
      const custom = { tenant: "blue", note: "a b" };
      const text = JSON.stringify({ client: {}, custom, env: {} });
      // Rust wants every member of `client` or no `client` at all.
      const sent = text.replace('"client":{},', "");
      const context = await describe(fixture, {
        "X-Amz-Client-Context": Buffer.from(sent).toString("base64"),
      });
      assert.deepEqual(context.custom ?? context.client?.custom, custom);
      const without = await describe(fixture);
      assert.deepEqual(without.custom ?? without.client?.custom ?? {}, {});
    },
  },
  {
    id: "trace",
    title: "a caller's trace id reaches the function with its root",
    run: async (fixture) => {
      const root = "Root=1-6747b3b3-0123456789abcdef01234567";
      const { traceId } = await describe(fixture, {
        "X-Amzn-Trace-Id": `${root};Parent=0123456789abcdef;Sampled=1`,
      });
      assert.ok(traceId.includes(root), traceId);
      assert.ok(traceId.includes("Sampled=1"), traceId);
    },
  },
  {
    id: "trace-made",
    title: "without one a trace id is made",
    run: async (fixture) => {
      const { traceId } = await describe(fixture);
      assert.match(traceId, /Root=1-[0-9a-f]{8}-[0-9a-f]{24}/);
    },
  },
  {
    id: "handler-error",
    title:
      "a handler's error reaches the caller as the runtime wrote it, and the process lives (RT-1)",
    run: async (fixture) => {
      const before = await describe(fixture);
      const answer = await act(fixture, { action: "fail", message: "boom ü" });
      assert.equal(answer.status, 200);
      const { errorType, errorMessage } = json(answer) as Record<string, string>;
      assert.deepEqual([errorType, errorMessage], ["FixtureError", "boom ü"]);
      assert.equal((await describe(fixture)).pid, before.pid);
    },
  },
  {
    id: "function-error-header",
    title: "a handler's error is marked as a function error with status 200",
    run: async (fixture) => {
      assertFunctionError(await act(fixture, { action: "fail", message: "boom" }), "FixtureError");
    },
  },
  {
    id: "null-result",
    title: "a handler that returns nothing answers null",
    run: async (fixture) => {
      const answer = await act(fixture, { action: "log", lines: ["one line"] });
      assert.equal(answer.body.toString(), "null");
    },
  },
  {
    id: "log-tail",
    title: "what the handler prints is in the log tail between START and END",
    run: async (fixture) => {
      const mark = randomUUID();
      const answer = await act(
        fixture,
        { action: "log", lines: [`${mark} first`, `${mark} second`] },
        { "X-Amz-Log-Type": "Tail" },
      );
      const tail = logTail(answer);
      const id = header(answer, "x-amzn-RequestId") ?? "";
      const places = [
        `START RequestId: ${id}`,
        `${mark} first`,
        `${mark} second`,
        `END RequestId: ${id}`,
        `REPORT RequestId: ${id}`,
      ];
      const found = places.map((place) => tail.indexOf(place));
      assert.ok(!found.includes(-1), tail);
      assert.deepEqual(
        found.toSorted((a, b) => a - b),
        found,
        tail,
      );
    },
  },
  {
    id: "large-request",
    title: "an event of 6 MiB arrives whole, and its echo too",
    run: async ({ host }) => {
      const data = "x".repeat(6 * 1024 * 1024 - 100);
      const answer = await invoke(host, JSON.stringify({ data }));
      assert.equal(answer.status, 200, answer.body.toString("utf8", 0, 400));
      assert.equal((json(answer) as { data: string }).data.length, data.length);
    },
  },
  {
    id: "largest-response",
    title: "a response of exactly 6 291 556 bytes passes",
    run: async (fixture) => {
      const answer = await act(fixture, { action: "large", bytes: payloadBytesMax });
      assert.equal(
        header(answer, "X-Amz-Function-Error"),
        undefined,
        answer.body.toString("utf8", 0, 400),
      );
      assert.equal(answer.body.length, payloadBytesMax);
    },
  },
  {
    id: "oversize-response",
    title: "one byte more is Function.ResponseSizeTooLarge, and the next invocation works (RT-18)",
    run: async (fixture) => {
      const answer = await act(fixture, { action: "large", bytes: payloadBytesMax + 1 });
      assertFunctionError(answer, "Function.ResponseSizeTooLarge");
      await describe(fixture);
    },
  },
  {
    id: "exit",
    title: "an exit in mid-invocation is answered at once, and the next invocation works (RT-2)",
    run: async (fixture) => {
      const before = await describe(fixture);
      const answer = await act(fixture, { action: "exit", status: 3 });
      const { errorMessage } = assertFunctionError(answer, "Runtime.ExitError");
      assert.match(
        errorMessage,
        /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3$/,
      );
      assert.notEqual((await describe(fixture)).pid, before.pid);
    },
  },
];

const initFails = { FIXTURE_INIT: "fail" };

const failing: readonly RuntimeScenario[] = [
  {
    id: "init-error",
    title: "a failing initialisation is each caller's function error (RT-6)",
    env: initFails,
    run: async (fixture) => {
      for (let call = 0; call < 2; call += 1) {
        assertFunctionError(await act(fixture, {}), fixture.runtime.initErrorType);
      }
    },
  },
  {
    id: "timeout",
    title: "a handler past the timeout is answered, killed and replaced (RT-4)",
    env: { AWS_LAMBDA_FUNCTION_TIMEOUT: "2" },
    run: async (fixture) => {
      const before = await describe(fixture);
      const answer = await act(fixture, { action: "sleep", ms: 30_000 });
      const { errorMessage } = assertFunctionError(answer, "Sandbox.Timedout");
      assert.match(errorMessage, /Task timed out after 2\.00 seconds$/);
      assert.notEqual((await describe(fixture)).pid, before.pid);
    },
  },
];

/** What every runtime is promised. */
export const runtimeScenarios: readonly RuntimeScenario[] = [
  ...plain,
  ...failing,
  ...streamingScenarios,
];
