import assert from "node:assert/strict";
import { test } from "node:test";
import { ChecksumError, ResponseParseError } from "../client/errors.ts";
import type { EventOutput, Output, ParsedError } from "../protocol/protocol.ts";
import { encodeEvent, encodeFrame } from "./event-frame.ts";
import { readEvents } from "./read-events.ts";

const output: EventOutput = {
  member: "Stream",
  parseEvent: (type, _headers, payload) => ({ [type]: payload.toString() }),
  parseException: (type, _headers, payload) => ({
    code: type,
    name: type,
    message: payload.toString(),
    members: {},
    fault: type === "InternalException" ? "server" : "client",
  }),
  parseInitialResponse: (payload) => ({ Initial: payload.toString() }),
};

function errorOf({ code, message }: ParsedError, status: number): Error {
  return new Error(`${status} ${code}: ${message}`);
}

function event(type: string, payload: string): Buffer {
  return encodeEvent({ type, contentType: undefined, headers: [], payload });
}

function frame(headers: Readonly<Record<string, string>>, payload = ""): Buffer {
  return encodeFrame(
    Object.entries(headers).map(([name, value]) => ({ name, type: "string", value })),
    payload,
  );
}

async function* body(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function collect(...chunks: readonly Uint8Array[]): Promise<[Output[], Error | undefined]> {
  const events: Output[] = [];
  try {
    for await (const each of readEvents(body(...chunks), output, errorOf)) events.push(each);
    return [events, undefined];
  } catch (error) {
    return [events, error as Error];
  }
}

test("readEvents() gives events in order, several or none in a chunk", async () => {
  const both = Buffer.concat([event("A", "1"), event("B", "2")]);
  const last = event("C", "3");
  const found = await collect(both, last.subarray(0, 5), Buffer.alloc(0), last.subarray(5));
  assert.deepEqual(found, [[{ A: "1" }, { B: "2" }, { C: "3" }], undefined]);
});

test("readEvents() hands the initial response on and goes on", async () => {
  const initial: Output[] = [];
  const events: Output[] = [];
  const chunks = body(event("initial-response", "i"), event("A", "1"));
  for await (const each of readEvents(chunks, output, errorOf, (members) =>
    initial.push(members),
  )) {
    events.push(each);
  }
  assert.deepEqual(initial, [{ Initial: "i" }]);
  assert.deepEqual(events, [{ A: "1" }]);
  assert.deepEqual(await collect(event("initial-response", "i"), event("A", "1")), [
    [{ A: "1" }],
    undefined,
  ]);
});

const ends: readonly [string, Buffer, string][] = [
  [
    "an exception",
    frame({ ":message-type": "exception", ":exception-type": "BadRequest" }, "no"),
    "400 BadRequest: no",
  ],
  [
    "an exception that is the service's fault",
    frame({ ":message-type": "exception", ":exception-type": "InternalException" }, "sorry"),
    "500 InternalException: sorry",
  ],
  [
    "an error",
    frame({ ":message-type": "error", ":error-code": "Oops", ":error-message": "all wrong" }),
    "400 Oops: all wrong",
  ],
  [
    "an error without message",
    frame({ ":message-type": "error", ":error-code": "Oops" }),
    "400 Oops: ",
  ],
];
for (const [name, end, message] of ends) {
  test(`readEvents() ends with ${name}, after the events before it`, async () => {
    const [events, error] = await collect(event("A", "1"), end, event("B", "2"));
    assert.deepEqual(events, [{ A: "1" }]);
    assert.equal(error?.message, message);
  });
}

const malformed: readonly [string, Buffer][] = [
  ["no message type", frame({ ":event-type": "A" })],
  ["no event type", frame({ ":message-type": "event" })],
  ["no exception type", frame({ ":message-type": "exception" })],
  ["no error code", frame({ ":message-type": "error" })],
  ["another message type", frame({ ":message-type": "gossip" })],
  [
    "a message type that is no text",
    encodeFrame([{ name: ":message-type", type: "integer", value: 1 }], ""),
  ],
];
for (const [name, bytes] of malformed) {
  test(`readEvents() refuses a frame with ${name} (CL-19)`, async () => {
    const [, error] = await collect(bytes);
    assert.ok(error instanceof ResponseParseError);
  });
}

test("readEvents() fails for a broken frame, and one that is cut (CL-8, CL-9)", async () => {
  const broken = event("A", "1");
  broken.writeUInt8(broken.readUInt8(20) ^ 1, 20);
  assert.ok((await collect(broken))[1] instanceof ChecksumError);
  const [events, error] = await collect(event("A", "1"), event("B", "2").subarray(0, -1));
  assert.deepEqual(events, [{ A: "1" }]);
  assert.ok(error instanceof ResponseParseError);
});

test("readEvents() leaves the body when it is left (CL-16)", async () => {
  let left = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield event("A", "1");
    } finally {
      left = true;
    }
  }
  for await (const each of readEvents(endless(), output, errorOf)) {
    assert.deepEqual(each, { A: "1" });
    break;
  }
  assert.equal(left, true);
});
