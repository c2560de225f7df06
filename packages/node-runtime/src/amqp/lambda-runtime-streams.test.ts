// Responses piece by piece out of real processes of lambda-runtime, through the real broker.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { CollectingStream, waitFor } from "@lambdad/testkit";
import { caller, RuntimeHost } from "./testdata/runtime-host.ts";

const source = `
  import { existsSync } from "node:fs";
  import { once } from "node:events";
  export const handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.setContentType("text/plain");
    stream.write("first,");
    while (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 5));
    for (let index = 0; index < event.count; index += 1) {
      if (!stream.write(Buffer.alloc(65_536, index))) await once(stream, "drain");
    }
    if (event.fails) throw new RangeError("broke");
    stream.end("last");
  });`;

describe("lambda-runtime with a handler that streams", () => {
  for (const [place, threads] of [
    ["in its process", "0"],
    ["in a thread", "1"],
  ] as const) {
    test(`gives the first piece before the handler ends ${place}`, async (t) => {
      const host = await RuntimeHost.start(t, { source, args: ["--threads", threads] });
      const rpc = await caller(t);
      const stream = new CollectingStream({ fullAfterBytes: 200_000 });
      const running = rpc.stream(host.queue, Buffer.from('{"count":64}'), stream);
      await waitFor(() => stream.bytes.toString() === "first,");
      writeFileSync(join(host.folder, "go"), "");
      const { reply, isStreamed } = await running;
      assert.equal(isStreamed, true);
      assert.equal(reply.functionError, undefined);
      assert.equal(stream.contentType, "text/plain");
      assert.equal(stream.bytes.byteLength, 64 * 65_536 + "first,last".length);
      assert.ok(stream.bytes.subarray(-4).equals(Buffer.from("last")));
      assert.deepEqual(stream.breaches, []);
      assert.ok(stream.fullCount > 5);
    });

    test(`tells of a failure after the first piece ${place}`, async (t) => {
      const host = await RuntimeHost.start(t, { source, args: ["--threads", threads] });
      const rpc = await caller(t);
      writeFileSync(join(host.folder, "go"), "");
      const stream = new CollectingStream();
      const body = Buffer.from('{"count":1,"fails":true}');
      const { reply, isStreamed } = await rpc.stream(host.queue, body, stream);
      assert.equal(isStreamed, true);
      assert.equal(reply.functionError, "Unhandled");
      const error = JSON.parse(reply.payload.toString()) as Record<string, unknown>;
      assert.equal(error["errorType"], "RangeError");
      assert.equal(stream.bytes.byteLength, 65_536 + "first,".length);
    });
  }
});
