// A runtime that logs what its events say: `{"steps": [["frame", "text"], ["frame", "text", timeMs],
// ["raw", "hex"], ["stdout", "text"], ["flood", bytes], ["hold"], ["close"], ["exit"]]}`.
import { spawn } from "node:child_process";
import { closeSync, writeSync } from "node:fs";

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const log = Number(process.env._LAMBDA_TELEMETRY_LOG_FD);

function frame(text, timeMs = Date.now()) {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(16);
  head.writeUInt32BE(0xa55a000f, 0);
  head.writeUInt32BE(bytes.length, 4);
  head.writeBigUInt64BE(BigInt(timeMs) * 1000n, 8);
  return [head, bytes];
}

const steps = {
  // In two writes, as AWS's runtimes do it.
  frame: (...args) => frame(...args).forEach((part) => writeSync(log, part)),
  raw: (hex) => writeSync(log, Buffer.from(hex, "hex")),
  stdout: (text) => writeSync(1, text),
  flood: (bytes) => frame("x".repeat(bytes)).forEach((part) => writeSync(log, part)),
  // A process of its own that keeps the descriptor.
  hold: () => spawn("/bin/sleep", ["60"], { detached: true, stdio: "ignore" }).unref(),
  close: () => closeSync(log),
  exit: () => process.exit(3),
};

for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  const event = await next.json();
  for (const [name, ...args] of event.steps) steps[name](...args);
  const id = next.headers.get("Lambda-Runtime-Aws-Request-Id");
  const body = JSON.stringify({ log: process.env._LAMBDA_TELEMETRY_LOG_FD ?? null });
  const answer = await fetch(`${api}/invocation/${id}/response`, { method: "POST", body });
  await answer.arrayBuffer();
}
