import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, test } from "node:test";
import { ProgressBar, renderProgress } from "./progress-bar.ts";

const progress = { share: 0.5, calls: 1234, failures: 0, elapsedMs: 1000 };

function output(isTTY: boolean): { stream: Writable & { isTTY: boolean }; text: () => string } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => text };
}

describe("renderProgress()", () => {
  test("draws the share, the calls and the rate", () => {
    const line = renderProgress(progress, 80);
    assert.match(line, /^\[={20} {20}\] 50% 1234 calls, 1234\/s$/);
  });

  test("tells failures", () => {
    assert.match(renderProgress({ ...progress, failures: 3 }, 80), /, 3 failed$/);
  });

  for (const columns of [0, 1, 10, 20, 40, 80, 200]) {
    test(`fits into ${columns} columns`, () => {
      for (const share of [-1, 0, 0.3, 1, 7]) {
        const line = renderProgress({ ...progress, share }, columns);
        assert.ok(line.length < Math.max(columns, 1), line);
      }
    });
  }
});

describe("ProgressBar", () => {
  test("draws on a terminal and removes its line at the end", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const { stream, text } = output(true);
    const bar = new ProgressBar(stream, () => progress);
    bar.start();
    t.mock.timers.tick(400);
    assert.equal(text().split("\r").length - 1, 3);
    bar.stop();
    assert.ok(text().endsWith("\r\u001b[K"));
    const drawn = text();
    t.mock.timers.tick(1000);
    bar.stop();
    assert.equal(text(), drawn);
  });

  test("writes nothing to what is no terminal", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const { stream, text } = output(false);
    const bar = new ProgressBar(stream, () => progress);
    bar.start();
    t.mock.timers.tick(1000);
    bar.stop();
    assert.equal(text(), "");
  });
});
