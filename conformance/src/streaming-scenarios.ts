import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStreamedResult } from "./event-stream.ts";
import { header, invoke } from "./invoke.ts";
import type { RuntimeScenario } from "./runtime-scenario.ts";
import type { Runtime } from "./runtimes.ts";

const streamOnly = (runtime: Runtime): string | false =>
  runtime.streams ? false : "this runtime cannot stream";

/** What every runtime that can stream is promised. */
export const streamingScenarios: readonly RuntimeScenario[] = [
  {
    id: "stream",
    title: "a streamed response arrives piece by piece: the first before the last is written",
    entry: "stream",
    skip: streamOnly,
    run: async ({ host }) => {
      const gate = join(tmpdir(), `lambdad-conformance-${randomUUID()}`);
      const chunks = ["first ü ", "second ", "third"];
      let received = Buffer.alloc(0);
      try {
        // The function writes its second chunk only after this end has seen the first.
        const onPiece = (piece: Buffer): void => {
          received = Buffer.concat([received, piece]);
          if (received.includes("first ü")) void writeFile(gate, "");
        };
        const event = JSON.stringify({ action: "stream", chunks, gate });
        const answer = await invoke(host, event, { stream: true, onPiece });
        assert.equal(answer.status, 200);
        assert.equal(header(answer, "Content-Type"), "application/vnd.amazon.eventstream");
        assert.equal(header(answer, "X-Amz-Executed-Version"), "$LATEST");
        const { payload, complete } = readStreamedResult(answer.body);
        // Rust puts an empty prelude in front.
        assert.ok(payload.toString().endsWith(chunks.join("")), payload.toString());
        assert.equal(complete.ErrorCode, undefined);
      } finally {
        await rm(gate, { force: true });
      }
    },
  },
  {
    id: "stream-to-invoke",
    title: "a streamed response to a plain Invoke is collected",
    entry: "stream",
    skip: streamOnly,
    run: async ({ host }) => {
      const event = { action: "stream", chunks: ["a", "b", "c"] };
      const answer = await invoke(host, JSON.stringify(event));
      assert.equal(answer.status, 200);
      assert.ok(answer.body.toString().endsWith("abc"), answer.body.toString());
    },
  },
  {
    id: "stream-error",
    title: "an error in the middle of a stream is in InvokeComplete after the bytes so far (RT-20)",
    entry: "stream",
    skip: (runtime) => (runtime.streamErrors ? false : "this runtime has no trailers"),
    run: async ({ host }) => {
      const event = { action: "stream", chunks: ["so far"], fails: true, message: "midway" };
      const answer = await invoke(host, JSON.stringify(event), { stream: true });
      const { payload, complete } = readStreamedResult(answer.body);
      assert.equal(payload.toString(), "so far");
      assert.notEqual(complete.ErrorCode, undefined);
      assert.match(complete.ErrorDetails ?? "", /midway/);
    },
  },
  {
    id: "stream-log-tail",
    title: "InvokeComplete carries the log tail when it is asked for",
    entry: "stream",
    skip: streamOnly,
    run: async ({ host }) => {
      const event = JSON.stringify({ action: "stream", chunks: ["x"] });
      const answer = await invoke(host, event, {
        stream: true,
        headers: { "X-Amz-Log-Type": "Tail" },
      });
      const { complete } = readStreamedResult(answer.body);
      const tail = Buffer.from(complete.LogResult ?? "", "base64").toString();
      const id = header(answer, "x-amzn-RequestId") ?? "no id";
      assert.ok(tail.includes(`START RequestId: ${id}`), tail);
    },
  },
];
