import assert from "node:assert/strict";
import {
  type AmqpMessage,
  type AmqpProperties,
  type AmqpRequest,
  base64,
  bodyText,
  type PythonCaller,
  type ReplyKind,
} from "./amqp-python.ts";
import type { AmqpHostKind } from "./amqp-python-hosts.ts";

/** What a scenario has: a caller in Python, and a queue behind which the conformance function waits. */
export interface AmqpScenarioRun {
  readonly caller: PythonCaller;
  readonly queue: string;
  readonly host: AmqpHostKind;
}

export interface AmqpScenario {
  /** Vectors are those of the contract, §17. */
  readonly title: string;
  /** Why this host is left out; undefined: it is not. */
  readonly skip?: (host: AmqpHostKind) => string | undefined;
  run(run: AmqpScenarioRun): Promise<void>;
}

const waitMs = 30_000;
const replyKinds: readonly ReplyKind[] = ["exclusive", "shared", "direct"];
const oursAlone = (reason: string) => (host: AmqpHostKind) => (host.peer ? reason : undefined);

/** One request and its only reply. */
async function callOnce(
  { caller, queue }: AmqpScenarioRun,
  body: string,
  properties: AmqpProperties = {},
  reply: ReplyKind = "exclusive",
): Promise<AmqpMessage> {
  const request: AmqpRequest = {
    queue,
    body: base64(body),
    properties: { correlationId: "one", ...properties },
  };
  const { replies, returned } = await caller.call({ reply, requests: [request], waitMs });
  assert.deepEqual(returned, []);
  assert.equal(replies.length, 1);
  const [message] = replies;
  if (message === undefined) throw new Error("Not answered");
  return message;
}

const json: AmqpProperties = { contentType: "application/json", deliveryMode: 2 };

/** Headers of the request that a host must not stumble over. */
const oddHeaders: readonly Readonly<Record<string, unknown>>[] = [
  { "X-Amzn-Trace-Id": 7 },
  { "X-Amz-Client-Context": 7 },
  { "X-Amzn-Trace-Id": true, "X-Amz-Client-Context": { nested: [1, null] } },
];

/** What the contract asks of a host, with callers as they exist. */
export const amqpScenarios: readonly AmqpScenario[] = [
  ...replyKinds.flatMap((reply): AmqpScenario[] => [
    {
      title: `vectors 1 and 4: a text and no content type is answered on a reply queue that is ${reply}`,
      async run(run) {
        const message = await callOnce(run, '"x"', {}, reply);
        assert.equal(message.correlationId, "one");
        assert.equal(bodyText(message), '"x"');
      },
    },
    {
      title: `vectors 2 and 4: durable bytes come back on a reply queue that is ${reply}`,
      async run(run) {
        const contentType = "application/octet-stream";
        const properties = { contentType, deliveryMode: 2, headers: {} };
        const message = await callOnce(run, "Hello World", properties, reply);
        assert.equal(message.correlationId, "one");
        assert.equal(bodyText(message), "Hello World");
        if (run.host.inProcess) assert.equal(message.contentType, contentType);
      },
    },
  ]),
  {
    title: "JSON comes back, and says so",
    async run(run) {
      const message = await callOnce(run, '{"größe":[1,2.5,null]}', json);
      assert.deepEqual(JSON.parse(bodyText(message)), { größe: [1, 2.5, null] });
      assert.equal(message.contentType, "application/json");
    },
  },
  {
    title: "vector 3: a mandatory request to no queue comes back with 312",
    async run({ caller, queue }) {
      const requests = [
        { queue: `${queue}-missing`, mandatory: true, properties: { correlationId: "lost" } },
        { queue, mandatory: true, properties: { correlationId: "kept" }, body: base64("{}") },
      ];
      const { replies, returned } = await caller.call({ reply: "exclusive", requests, waitMs });
      assert.deepEqual(returned, [{ code: 312, correlationId: "lost" }]);
      assert.deepEqual(
        replies.map(({ correlationId }) => correlationId),
        ["kept"],
      );
    },
  },
  {
    title: "vector 8: each of two requests with one correlation id gets an answer of its own",
    async run({ caller, queue }) {
      const requests = [900, 300].map((ms) => ({
        queue,
        body: base64(JSON.stringify({ action: "sleep", ms })),
        properties: { ...json, correlationId: "same" },
      }));
      const { replies } = await caller.call({ reply: "exclusive", requests, waitMs });
      const slept = replies.map((message) => JSON.parse(bodyText(message)) as { slept: number });
      assert.deepEqual(
        slept.map((each) => each.slept),
        [300, 900],
      );
      assert.ok(replies.every(({ correlationId }) => correlationId === "same"));
    },
  },
  {
    title: "a request without a correlation id is answered without one",
    async run(run) {
      const { caller, queue } = run;
      const requests = [{ queue, body: base64('{"a":1}'), properties: json }];
      const { replies } = await caller.call({ reply: "exclusive", requests, waitMs });
      assert.deepEqual(
        replies.map(({ correlationId }) => correlationId),
        [undefined],
      );
      assert.deepEqual(JSON.parse(bodyText(replies[0])), { a: 1 });
    },
  },
  {
    title: "a thousand requests in flight get each its own reply, once",
    async run({ caller, queue }) {
      const ids = Array.from({ length: 1000 }, (_, index) => `id-${index}`);
      const requests = ids.map((correlationId) => ({
        queue,
        body: base64(JSON.stringify({ mine: correlationId })),
        properties: { ...json, correlationId },
      }));
      const { replies } = await caller.call({ reply: "shared", requests, waitMs });
      const mixed = replies.filter(
        (message) =>
          (JSON.parse(bodyText(message)) as { mine?: string }).mine !== message.correlationId,
      );
      assert.deepEqual(mixed, []);
      assert.equal(replies.length, ids.length);
      assert.equal(new Set(replies.map(({ correlationId }) => correlationId)).size, ids.length);
    },
  },
  {
    title: "a megabyte goes there and back",
    async run(run) {
      const body = JSON.stringify("x".repeat(1024 * 1024));
      assert.equal(bodyText(await callOnce(run, body, json)), body);
    },
  },
  {
    title: "a failed function is an object with errorType",
    async run(run) {
      const message = await callOnce(run, '{"action":"fail","message":"On purpose"}', json);
      const error = JSON.parse(bodyText(message)) as Record<string, string>;
      assert.equal(error["errorType"], "FixtureError");
      assert.match(error["errorMessage"] ?? "", /On purpose$/);
      assert.equal(message.contentType, "application/json");
      if (!run.host.peer) assert.equal(message.headers?.["X-Amz-Function-Error"], "Unhandled");
    },
  },
  {
    title: "vector 12: quotes, line ends and backslashes in an error stay valid JSON",
    skip: oursAlone("it does not escape the text"),
    async run(run) {
      const text = 'a "quoted"\nand \\ broken\ttext\u0000';
      const event = JSON.stringify({ action: "fail", message: text });
      const error = JSON.parse(bodyText(await callOnce(run, event, json))) as Record<
        string,
        string
      >;
      assert.equal(error["errorType"], "FixtureError");
      assert.equal(error["errorMessage"], text);
    },
  },
  ...oddHeaders.map((headers): AmqpScenario => ({
    title: `vector 7: the host survives the headers ${JSON.stringify(headers)}`,
    async run(run) {
      for (const time of ["first", "second"]) {
        const message = await callOnce(run, JSON.stringify(time), { headers });
        assert.equal(bodyText(message), JSON.stringify(time));
      }
    },
  })),
  {
    title: "client context and trace reach the function",
    skip: oursAlone("its context is empty"),
    async run(run) {
      const trace = "Root=1-5e272390-8c398be037738dc042009320;Sampled=1";
      const context = base64(JSON.stringify({ custom: { from: "python" } }));
      const headers = { "X-Amz-Client-Context": context, "X-Amzn-Trace-Id": trace };
      const message = await callOnce(run, '{"action":"context"}', { ...json, headers });
      const told = JSON.parse(bodyText(message)) as Record<string, unknown>;
      assert.deepEqual(told["custom"], { from: "python" });
      if (!run.host.inProcess) assert.equal(told["traceId"], trace);
    },
  },
  {
    title: "the reply carries nothing of the request but its correlation id",
    skip: oursAlone("it copies the properties"),
    async run(run) {
      const message = await callOnce(run, '"x"', {
        ...json,
        headers: { other: "text" },
        priority: 3,
        expiration: "60000",
        messageId: "request",
        timestamp: 1_700_000_000,
        type: "kind",
        userId: "guest",
        appId: "caller",
      });
      const { body, headers = {}, contentType, deliveryMode, correlationId, ...others } = message;
      assert.equal(Buffer.from(body, "base64").toString(), '"x"');
      assert.deepEqual([contentType, deliveryMode, correlationId], ["application/json", 1, "one"]);
      delete (others as { expiration?: string }).expiration; // "none, or the caller's remaining time"
      assert.deepEqual(others, {});
      assert.equal(headers["other"], undefined);
      assert.equal(headers["x-amqp-0-9-1.subject"], undefined);
    },
  },
  ...["null", "5", "true", "-0.5", "[]", '""'].map((text): AmqpScenario => ({
    title: `the result ${text} is answered`,
    skip: oursAlone("it answers objects, lists and texts alone"),
    async run(run) {
      assert.equal(bodyText(await callOnce(run, text, json)), text);
    },
  })),
  {
    title: "an event that says it is JSON and is not is an error, and the function does not run",
    skip: (host) =>
      host.peer || !host.inProcess ? "it does not look into the event, or gives {}" : undefined,
    async run(run) {
      const message = await callOnce(run, '{"broken', json);
      const error = JSON.parse(bodyText(message)) as Record<string, string>;
      assert.equal(error["errorType"], "Runtime.UnmarshalError");
      assert.equal(message.headers?.["X-Amz-Function-Error"], "Unhandled");
    },
  },
  {
    title: "bytes without a content type that are no JSON are an event of bytes",
    async run(run) {
      assert.equal(bodyText(await callOnce(run, "Hello {World")), "Hello {World");
    },
  },
];
