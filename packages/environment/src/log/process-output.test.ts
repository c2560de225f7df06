import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProcessOutput } from "./process-output.ts";

function collect(bytesMax?: number): { output: ProcessOutput; lines: [string, number][] } {
  const lines: [string, number][] = [];
  const output = new ProcessOutput((line, timeMs) => lines.push([String(line), timeMs]), bytesMax);
  return { output, lines };
}

function frame(text: string, timeMs: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(0xa55a000f, 0);
  head.writeUInt32BE(text.length, 4);
  head.writeBigUInt64BE(BigInt(timeMs) * 1000n, 8);
  return Buffer.concat([head, Buffer.from(text)]);
}

describe("ProcessOutput", () => {
  test("keeps lines of different sources apart, and texts together", () => {
    const { output, lines } = collect();
    output.push(Buffer.from("out "), "stdout");
    output.push(Buffer.from("err\n"), "stderr");
    output.push(frame("one\ntwo", 5), "log");
    output.push(Buffer.from("put\n"), "stdout");
    assert.deepEqual(
      lines.map(([line]) => line),
      ["err\n", "one\ntwo\n", "out put\n"],
    );
  });

  test("gives the runtime's time on the descriptor, and that of arrival elsewhere", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
    const { output, lines } = collect();
    output.push(frame("framed", 5), "log");
    output.push(Buffer.from("printed\n"), "stdout");
    output.push(Buffer.from("garbage\n"), "log");
    assert.deepEqual(lines, [
      ["framed\n", 5],
      ["printed\n", 1_000],
      ["garbage\n", 1_000],
    ]);
  });

  test("end() passes on what has no end yet, of all sources", () => {
    const { output, lines } = collect();
    output.push(Buffer.from("a"), "stdout");
    output.push(Buffer.from("b"), "stderr");
    output.push(frame("cdef", 5).subarray(0, 17), "log");
    output.end();
    assert.deepEqual(
      lines.map(([line]) => line),
      ["a\n", "b\n", "c\n"],
    );
  });

  test("counts what was cut in all sources (RT-21)", () => {
    const { output } = collect(2);
    output.push(Buffer.from("abc\n"), "stdout");
    output.push(Buffer.from("abcd\n"), "stderr");
    output.push(frame("abcd", 5), "log");
    assert.equal(output.droppedBytes, 2 + 3 + 2);
  });
});
