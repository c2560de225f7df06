import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { ChecksumError } from "../client/errors.ts";
import { clientOf, startServer } from "./scripted-server-fixture.test.ts";
import { attributesMd5 } from "./sqs-md5.ts";

const QueueUrl = "https://sqs.us-east-1.amazonaws.com/123456789012/q";
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const text = "Message with ü";
const attributes = {
  timestamp: { DataType: "Number", StringValue: "1493147359900" },
  city: { DataType: "String", StringValue: "Any City" },
  binary: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 255]) },
};

/** Written by hand from the guide's description, the names in order. */
function byHand(): string {
  const all = [
    field("binary"),
    field("Binary"),
    Buffer.of(2),
    field(Buffer.from([1, 2, 255])),
    field("city"),
    field("String"),
    Buffer.of(1),
    field("Any City"),
    field("timestamp"),
    field("Number"),
    Buffer.of(1),
    field("1493147359900"),
  ];
  return createHash("md5").update(Buffer.concat(all)).digest("hex");
}

function field(value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
}

/** Answer to a batch; the second message arrived as this text. */
function batchResult(second: string): string {
  return JSON.stringify({
    Successful: [
      { Id: "b", MessageId: "2", MD5OfMessageBody: md5(second) },
      { Id: "a", MessageId: "1", MD5OfMessageBody: md5("A") },
    ],
    Failed: [{ Id: "c", Code: "x", SenderFault: true }],
  });
}

test("attributesMd5() hashes names, types and values in order", () => {
  assert.equal(attributesMd5(attributes), byHand());
});

describe("sqsRules compare digests (CL-9)", () => {
  const good = { MessageId: "1", MD5OfMessageBody: md5(text), MD5OfMessageAttributes: byHand() };
  const input = { QueueUrl, MessageBody: text, MessageAttributes: attributes };

  test("accept what was sent", async (t) => {
    const server = await startServer(t, () => ({ body: JSON.stringify(good) }));
    const output = await clientOf(t, "sqs", server).call("SendMessage", input);
    assert.equal(output["MessageId"], "1");
  });

  for (const member of ["MD5OfMessageBody", "MD5OfMessageAttributes"]) {
    test(`refuse another ${member}, and do not send the message again`, async (t) => {
      const body = JSON.stringify({ ...good, [member]: md5("other") });
      const server = await startServer(t, () => ({ body }));
      await assert.rejects(clientOf(t, "sqs", server).call("SendMessage", input), ChecksumError);
      assert.equal(server.requests.length, 1);
    });
  }

  test("compare each message of a batch with its entry", async (t) => {
    const server = await startServer(t, [{ body: batchResult("B") }, { body: batchResult("x") }]);
    const client = clientOf(t, "sqs", server);
    const Entries = ["a", "b", "c"].map((Id) => ({ Id, MessageBody: Id.toUpperCase() }));
    const output = await client.call("SendMessageBatch", { QueueUrl, Entries });
    assert.equal((output["Failed"] as unknown[]).length, 1);
    await assert.rejects(client.call("SendMessageBatch", { QueueUrl, Entries }), ChecksumError);
  });

  test("receive again what arrived damaged", async (t) => {
    const message = (MD5OfBody: string): string =>
      JSON.stringify({
        Messages: [
          {
            Body: text,
            MD5OfBody,
            MessageAttributes: { city: attributes.city },
            MD5OfMessageAttributes: attributesMd5({ city: attributes.city }),
          },
        ],
      });
    const server = await startServer(t, [
      { body: message(md5("x")) },
      { body: message(md5(text)) },
    ]);
    const { Messages } = await clientOf(t, "sqs", server).call("ReceiveMessage", { QueueUrl });
    assert.equal((Messages as { Body: string }[])[0]?.Body, text);
    assert.equal(server.requests.length, 2);
  });

  test("receive nothing", async (t) => {
    const server = await startServer(t, () => ({ body: "{}" }));
    const output = await clientOf(t, "sqs", server).call("ReceiveMessage", { QueueUrl });
    assert.deepEqual(Object.keys(output), ["$metadata"]);
  });
});

describe("sqsRules and the queue's URL", () => {
  const url = "https://queue.example:8443/123456789012/q";
  for (const [useQueueUrlAsEndpoint, host] of [
    [true, "queue.example:8443"],
    [false, "sqs.us-east-1.amazonaws.com"],
  ] as const) {
    test(`useQueueUrlAsEndpoint: ${useQueueUrlAsEndpoint} sends to ${host}`, async (t) => {
      const server = await startServer(t, () => ({ body: "{}" }));
      const client = clientOf(t, "sqs", server, { useQueueUrlAsEndpoint });
      await client.call("ReceiveMessage", { QueueUrl: url });
      const [request] = server.requests;
      assert.equal(request?.host, host);
      assert.equal(request.path, "/");
      assert.equal(JSON.parse(String(request.body)).QueueUrl, url);
    });
  }
});

test("sqs keeps the legacy code of an error beside its name", async (t) => {
  const server = await startServer(t, () => ({
    status: 400,
    headers: { "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender" },
    body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}',
  }));
  const call = clientOf(t, "sqs", server).call("ReceiveMessage", { QueueUrl });
  await assert.rejects(call, {
    name: "QueueDoesNotExist",
    code: "AWS.SimpleQueueService.NonExistentQueue",
  });
});
