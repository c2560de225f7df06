import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ObjectRecord } from "../object-storage.ts";
import { MemoryStorage } from "./memory-storage.ts";

const bucket = "notes";
const size = 100;
const record: ObjectRecord = { size, etag: '"e"', modified: 1, details: {}, tags: [] };

function freeUnused(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

async function* textOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

test("small objects keep no more memory than their bytes, however they came", async () => {
  const storage = new MemoryStorage("memory:");
  storage.createBucket(bucket, 1);
  freeUnused();
  const before = process.memoryUsage().arrayBuffers;
  const count = 3000;
  for (let i = 0; i < count; i += 3) {
    const bodies = [
      Buffer.from("x".repeat(size)),
      storage.stageBytes(Buffer.alloc(size)),
      await storage.stage(textOf("x".repeat(size))),
    ];
    for (const [at, body] of bodies.entries()) {
      storage.write(bucket, `key-${i + at}`, record, body, {});
      // Others use up the block of Node's that a small buffer is a part of.
      Buffer.allocUnsafe(3000);
      Buffer.allocUnsafe(3000);
    }
  }
  freeUnused();
  const held = process.memoryUsage().arrayBuffers - before;
  // As parts of blocks they would hold some 20 MB.
  assert.ok(held < 10 * count * size, `${held} bytes are held for ${count * size}`);
});
