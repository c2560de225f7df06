import assert from "node:assert/strict";
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { namedPipe, temporaryFolder } from "../testdata/named-pipe.ts";
import { LineWriter } from "./line-writer.ts";

const line = `${"x".repeat(1023)}\n`;
const lineOf = (number: number): string => `${String(number).padStart(1023)}\n`;

function openFile(t: TestContext, path: string, flags: string): number {
  const descriptor = openSync(path, flags);
  t.after(() => closeSync(descriptor));
  return descriptor;
}

describe("LineWriter", () => {
  test("writes text and bytes to a file in order", async (t) => {
    const path = join(temporaryFolder(t), "log");
    const writer = new LineWriter(openFile(t, path, "a"));
    writer.write("one\n");
    writer.write(Buffer.from("two \xff\n", "latin1"));
    writer.write("three\n");
    await writer.idle(5_000);
    writer.write("four\n");
    await writer.idle(5_000);
    assert.equal(readFileSync(path, "latin1"), "one\ntwo \xff\nthree\nfour\n");
    assert.equal(writer.droppedLines, 0);
  });

  test("keeps a copy: its caller may use the bytes again", async (t) => {
    const pipe = namedPipe(t);
    const writer = new LineWriter(pipe.writeDescriptor);
    const bytes = Buffer.from("one\n");
    writer.write(bytes);
    bytes.fill("!");
    await writer.idle(5_000);
    assert.equal(pipe.read(), "one\n");
  });

  test("waits for a reader that is slow, and loses nothing (HO-12)", async (t) => {
    const pipe = namedPipe(t);
    const writer = new LineWriter(pipe.writeDescriptor);
    for (let number = 0; number < 1_000; number += 1) writer.write(lineOf(number));
    const written = writer.idle(10_000);
    let text = "";
    while (text.length < 1_000 * 1_024) {
      text += pipe.read();
      await turn();
    }
    await written;
    const expected = Array.from({ length: 1_000 }, (_, number) => lineOf(number)).join("");
    assert.ok(text === expected);
    assert.equal(writer.droppedLines, 0);
  });

  test("drops and counts what is over its bound while nobody reads (HO-12, INV-8)", async (t) => {
    const pipe = namedPipe(t);
    const writer = new LineWriter(pipe.writeDescriptor);
    const count = 20_000;
    for (let number = 0; number < count; number += 1) {
      writer.write(lineOf(number));
      if (number % 1_000 === 0) await turn();
    }
    const { droppedLines } = writer;
    assert.ok(droppedLines > 0, "20 MiB must be over the bound");
    // Text and pipe together: not much more than 8 MiB were kept.
    assert.ok(count - droppedLines < 9_000, `${count - droppedLines} lines were kept`);
    let text = "";
    const kept = count - droppedLines;
    while (text.length < kept * 1_024) {
      text += pipe.read();
      await turn();
    }
    const expected = Array.from({ length: kept }, (_, number) => lineOf(number)).join("");
    assert.ok(text === expected, "what was kept must come whole and in order");
  });

  test("keeps little more than their bytes of short lines while nobody reads (INV-8)", async (t) => {
    const pipe = namedPipe(t);
    const writer = new LineWriter(pipe.writeDescriptor);
    const empty = Buffer.from("\n");
    const before = process.memoryUsage().heapUsed;
    for (let number = 0; number < 4_000_000; number += 1) {
      writer.write(empty);
      if (number % 100_000 === 0) await turn();
    }
    const heldMb = (process.memoryUsage().heapUsed - before) / 1_048_576;
    assert.equal(writer.droppedLines, 0);
    assert.ok(heldMb < 150, `${Math.round(heldMb)} MiB were kept for 4 MB`);
  });

  test("does not wait longer than it is told for a reader (HO-8)", async (t) => {
    const pipe = namedPipe(t);
    const writer = new LineWriter(pipe.writeDescriptor);
    for (let index = 0; index < 200; index += 1) writer.write(line);
    await writer.idle(1);
    assert.equal(writer.droppedLines, 0);
    const written = writer.idle(5_000);
    let length = 0;
    while (length < 200 * line.length) {
      length += pipe.read().length;
      await turn();
    }
    await written;
  });

  test("goes on without a reader, and counts what it drops (HO-12)", async (t) => {
    const pipe = namedPipe(t);
    const writer = new LineWriter(pipe.writeDescriptor);
    writer.write("read\n");
    await writer.idle(5_000);
    assert.equal(pipe.read(), "read\n");
    pipe.closeReader();
    writer.write("one\n");
    writer.write("two\n");
    await writer.idle(5_000);
    assert.equal(writer.droppedLines, 2);
    writer.write("three\n");
    await writer.idle(5_000);
    assert.equal(writer.droppedLines, 3);
  });

  test("goes on when there is no reader from the start (HO-12)", async (t) => {
    const pipe = namedPipe(t);
    pipe.closeReader();
    const writer = new LineWriter(pipe.writeDescriptor);
    writer.write("one\n");
    await writer.idle(5_000);
    assert.equal(writer.droppedLines, 1);
    assert.doesNotThrow(() => fstatSync(pipe.writeDescriptor), "its number must stay taken");
  });

  const full = { skip: existsSync("/dev/full") ? false : "there is no /dev/full" };
  test("drops lines on a full disk, and tries again with the next (HO-3)", full, async (t) => {
    const writer = new LineWriter(openFile(t, "/dev/full", "w"));
    for (const dropped of [1, 2]) {
      writer.write("one\n");
      await writer.idle(5_000);
      assert.equal(writer.droppedLines, dropped);
    }
  });

  test("drops lines for a descriptor that is not open", async () => {
    const writer = new LineWriter(987_654);
    writer.write("one\n");
    await writer.idle(5_000);
    assert.equal(writer.droppedLines, 1);
  });
});
