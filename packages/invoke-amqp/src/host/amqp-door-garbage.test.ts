import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "@lambdad/testkit";
import {
  AmqpPeer,
  atEnd,
  DoorFixture,
  textOfBody,
  uniqueName,
} from "../testdata/broker-fixture.ts";
import {
  field,
  longString,
  propertyFlags,
  RawPublisher,
  shortString,
  table,
} from "../testdata/raw-publisher.ts";

const invalid = Buffer.alloc(200, 0xff);

/** Tables in tables. */
function nested(depth: number): Buffer {
  // Written from the inside: a name of no bytes, the type, the length of what is in it.
  const levels: Buffer[] = [];
  let size = 0;
  for (let level = 0; level < depth; level += 1) {
    const head = Buffer.from([0, 0x46, 0, 0, 0, 0]);
    head.writeUInt32BE(size, 2);
    levels.push(head);
    size += head.length;
  }
  return longString(Buffer.concat(levels.toReversed()));
}

function entries(count: number): Buffer {
  return table(
    ...Array.from(
      { length: count },
      (_, index) => [`n${index}`, field("t", Buffer.from([1]))] as const,
    ),
  );
}

const { contentType, headers, priority, correlationId, replyTo, timestamp, clusterId } =
  propertyFlags;

interface Garbage {
  readonly flags: number;
  /** In the order of the bits, `reply_to` left out. */
  readonly before?: readonly Buffer[];
  readonly after?: readonly Buffer[];
  /** A reply cannot be written. */
  readonly isDropped?: boolean;
}

const garbage: Readonly<Record<string, Garbage>> = {
  "no properties": { flags: 0 },
  "a correlation id that is no text": {
    flags: correlationId,
    before: [shortString(invalid.subarray(0, 20))],
  },
  "a correlation id that is no text and too long when it is written again": {
    flags: correlationId,
    before: [shortString(invalid)],
    isDropped: true,
  },
  "a content type that is no text": { flags: contentType, before: [shortString(invalid)] },
  "numbers out of range": {
    flags: priority | timestamp,
    before: [Buffer.from([255])],
    after: [Buffer.alloc(8, 0xff)],
  },
  "a property of an older protocol": { flags: clusterId, after: [shortString("cluster")] },
  "a header of 120 KiB": {
    flags: headers,
    before: [table(["X-Amzn-Trace-Id", field("S", longString(Buffer.alloc(120_000, "x")))])],
  },
  "a client context of 120 KiB": {
    flags: headers,
    before: [table(["X-Amz-Client-Context", field("S", longString(Buffer.alloc(120_000, "A")))])],
  },
  "ten thousand headers": { flags: headers, before: [entries(10_000)] },
  "tables nested 100 deep": { flags: headers, before: [nested(100)] },
  // Too deep for the stack of the client library.
  "tables nested 20000 deep": { flags: headers, before: [nested(20_000)] },
  "a header of a type that the client library does not know": {
    flags: headers,
    before: [table(["X-Amzn-Trace-Id", field("L", Buffer.alloc(8))])],
  },
  "a header of every name that objects have": {
    flags: headers,
    before: [
      table(
        ["__proto__", field("F", table(["X-Amz-Log-Type", field("S", longString("Tail"))]))],
        ["constructor", field("t", Buffer.from([1]))],
        ["toString", field("V", Buffer.alloc(0))],
        ["", field("S", longString(""))],
      ),
    ],
  },
  "a header of a name that is no text": {
    flags: headers,
    before: [table([invalid, field("S", longString(invalid))])],
  },
  "headers that are no text, or have line breaks": {
    flags: headers,
    before: [
      table(
        ["X-Amzn-Trace-Id", field("S", longString(invalid))],
        ["X-Amzn-Requestid", field("S", longString("a\r\nb: c"))],
        ["X-Amz-Tenant-Id", field("S", longString("a\r\nb: c"))],
        ["X-Lambda-Attempt", field("S", longString("-1"))],
        ["X-Lambda-Deadline-Ms", field("S", longString("99999999999999999999"))],
        ["X-Amz-Log-Type", field("S", longString("\0"))],
      ),
    ],
  },
  "a header twice": {
    flags: headers,
    before: [
      table(
        ["X-Amz-Log-Type", field("S", longString("Tail"))],
        ["x-amz-log-type", field("I", Buffer.alloc(4))],
        ["X-Amz-Log-Type", field("A", longString(""))],
      ),
    ],
  },
};

describe("AmqpDoor, garbage (AM-22)", () => {
  for (const [what, { flags, before = [], after = [], isDropped }] of Object.entries(garbage)) {
    for (const isCall of [true, false]) {
      const isAnswered = isCall && isDropped !== true;
      const does = isAnswered ? "answers a request" : isCall ? "drops a request" : "takes an event";
      test(`${does} with ${what}, and acknowledges it once`, async (t) => {
        const peer = await AmqpPeer.connect(t);
        const raw = await RawPublisher.connect(t);
        const queue = { name: uniqueName("garbage"), profile: "durable" } as const;
        atEnd(t, () => peer.remove(queue.name));
        const { door, faults } = await DoorFixture.start(t, { queue });
        const address = isCall ? [shortString(peer.replyTo)] : [];
        const bits = isCall ? flags | replyTo : flags;
        await raw.publish(queue.name, bits, [...before, ...address, ...after]);
        assert.equal(textOfBody(await peer.request(queue.name, "2")), "2");
        await waitFor(() => peer.replies.length === (isAnswered ? 2 : 1));
        // What was not acknowledged would be back in the queue.
        await door.stop(1_000);
        assert.equal(await peer.ready(queue.name), 0);
        assert.equal(peer.replies.length, isAnswered ? 2 : 1);
        const unexpected = faults.filter(({ event }) => event !== "reply.dropped");
        assert.deepEqual(unexpected, []);
      });
    }
  }
});
