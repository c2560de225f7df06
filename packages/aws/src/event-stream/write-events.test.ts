import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventInput, EventMessage } from "../protocol/protocol.ts";
import { signingKey } from "../sigv4/signing-key.ts";
import { EventDecoder, type EventFrame } from "./event-decoder.ts";
import { EventSigner } from "./event-signer.ts";
import { writeEvents } from "./write-events.ts";

const input: EventInput = {
  member: "Stream",
  serializeEvent: (event) => ({
    type: "Word",
    contentType: "text/plain",
    headers: [],
    payload: String(event),
  }),
};

function frames(bytes: Uint8Array): EventFrame[] {
  const decoder = new EventDecoder();
  decoder.push(bytes);
  const found: EventFrame[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) found.push(frame);
  decoder.end();
  return found;
}

async function all(stream: AsyncIterable<Uint8Array>): Promise<EventFrame[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return frames(Buffer.concat(chunks));
}

const initialRequest: EventMessage = {
  type: "initial-request",
  contentType: "application/json",
  headers: [],
  payload: "{}",
};

test("writeEvents() writes a frame for each event, the initial request first", async () => {
  const found = await all(writeEvents(["one", "two"], input, { initialRequest }));
  assert.deepEqual(
    found.map(({ headers, payload }) => [headers.get(":event-type"), payload.toString()]),
    [
      ["initial-request", "{}"],
      ["Word", "one"],
      ["Word", "two"],
    ],
  );
});

// Signatures that a program of its own, written from the rule of the protocol, has computed.
const seedSignature = "0".repeat(64);
const signatures = [
  "7a64621409d38ed946980615fb88dafbf00ed0637b2441aee0c2202dae8bcde7",
  "002f4824f7476470c37e4c9963c345705cf92c83a1f59369530604c274dbab82",
];

function signer(now: () => number): EventSigner {
  return new EventSigner({
    seedSignature,
    keyAt: (time) => signingKey("secret", time.slice(0, 8), "us-east-1", "transcribe"),
    now,
  });
}

test("writeEvents() wraps each event in a signed one, and ends with an empty one", async () => {
  let nowMs = Date.UTC(2026, 10, 21, 23, 59, 59, 250);
  const found = await all(writeEvents(["one"], input, { signer: signer(() => (nowMs += 500)) }));
  assert.equal(found.length, 2);
  assert.deepEqual(
    found.map(({ headers }) => headers.get(":date")),
    [new Date("2026-11-21T23:59:59.750Z"), new Date("2026-11-22T00:00:00.250Z")],
  );
  assert.deepEqual(
    found.map(({ headers }) => (headers.get(":chunk-signature") as Buffer).toString("hex")),
    signatures,
  );
  const [inner] = frames(found[0]?.payload ?? Buffer.alloc(0));
  assert.equal(inner?.payload.toString(), "one");
  assert.equal(found[1]?.payload.length, 0);
});

async function* failing(): AsyncGenerator<string> {
  yield "one";
  throw new Error("microphone gone");
}

test("writeEvents() passes the source's errors on, and leaves it when it is left (CL-16)", async () => {
  await assert.rejects(all(writeEvents(failing(), input)), /microphone gone/);
  let left = false;
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield "again";
    } finally {
      left = true;
    }
  }
  for await (const frame of writeEvents(endless(), input)) {
    assert.ok(frame.length > 0);
    break;
  }
  assert.equal(left, true);
});
