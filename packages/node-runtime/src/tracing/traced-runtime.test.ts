// `lambda-runtime -t` against a real broker and a stand-in for a collector.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { connect } from "@lambdad/invoke-amqp";
import { brokerUri, collectOutput, waitFor } from "@lambdad/testkit";
import { Collector } from "./collector-fixture.test.ts";

const main = fileURLToPath(new URL("../amqp/main.ts", import.meta.url));
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const callerId = "00f067aa0ba902b7";

test("lambda-runtime -t -p exports the spans of a call, and a profile, when it is stopped", async (t) => {
  const collector = new Collector();
  await collector.start();
  t.after(() => collector.stop());
  const folder = mkdtempSync(join(tmpdir(), "traced-runtime-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [uri, queue] = [await brokerUri(), `traced-${randomUUID()}`];
  const args = ["--conditions=@lambdad/source", main, "-t", "-p", "-u", uri, "-q", queue];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const output = collectOutput(child);
  const rpc = await connect(uri, {
    headersOf: () => ({ traceparent: `00-${traceId}-${callerId}-01` }),
  });
  t.after(() => rpc.destroy());
  await waitFor(() => output.stderr.includes("Consuming queue"), { timeoutMs: 60_000 });
  assert.deepEqual(await rpc.invoke(queue, { n: 1 }), { n: 1 });

  child.kill("SIGTERM");
  const { code, stderr } = await output.end;
  assert.equal(code, 0, stderr);
  const consume = collector.span(`process ${queue}`);
  assert.deepEqual([consume.traceId, consume.parentSpanId], [traceId, callerId]);
  assert.equal(collector.span(`invoke ${queue}`).parentSpanId, consume.spanId);
  assert.equal(collector.span("reply (temporary)").parentSpanId, consume.spanId);
  assert.equal(consume.resource["service.name"], queue);
  assert.equal(consume.attributes["server.port"], Number(new URL(uri).port || 5672));
  assert.match(stderr, /CPU profile: \d/);
  assert.equal(readdirSync(folder).filter((name) => name.endsWith(".cpuprofile")).length, 1);
});
