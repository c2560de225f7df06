import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** Runs the benchmark quickly with a stand-in for lambdad, on the runtime that needs no toolchain. */
function quickRun(...args: string[]): Promise<Ended> {
  return quickRunOf("node-100B-8", ...args);
}

function quickRunOf(scenario: string, ...args: string[]): Promise<Ended> {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const node = process.execPath;
  const fixed = [...process.execArgv.filter((word) => word.startsWith("--conditions")), main];
  return new Promise((resolve) => {
    const all = [...fixed, "--quick", "--seconds=0.3", `--scenario=${scenario}`, ...args];
    const child = execFile(node, all, { timeout: 110_000 }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, output: stdout + stderr }),
    );
  });
}

const floor = fileURLToPath(new URL("floor/raw-net.ts", import.meta.url));
const runtime = fileURLToPath(new URL("runtime/bare-node.ts", import.meta.url));
const standIn = `"${process.execPath}" "${floor}" "${process.execPath}" "${runtime}"`;

test("npm run bench measures every host and ends with 0", async () => {
  const { status, output } = await quickRun(`--lambdad=${standIn}`);
  assert.equal(status, 0, output);
  for (const host of ["lambdad", "bare node:http", "bare node:net"]) {
    assert.match(output, new RegExp(`100B +\\| 8 +\\| ${host}`));
  }
});

test("npm run bench measures lambdad without, and with extensions that take part", async () => {
  const main = fileURLToPath(new URL("../../packages/lambdad/src/main.ts", import.meta.url));
  const lambdad = `"${process.execPath}" --conditions=@lambdad/source "${main}"`;
  const { status, output } = await quickRunOf("extensions-node-1", `--lambdad=${lambdad}`);
  assert.equal(status, 0, output);
  for (const host of ["lambdad", "lambdad, 2 extensions", "lambdad, 2 extensions with telemetry"]) {
    assert.match(output, new RegExp(`node +\\| 1 +\\| ${host} +\\|`));
  }
});

test("npm run bench measures every pair over AMQP", async () => {
  const { status, output } = await quickRunOf("amqp-11B-100");
  assert.equal(status, 0, output);
  for (const pair of [
    "lambda-runtime",
    "lambda-runtime, JSON",
    "lambdad, own Node runtime",
    "lambdad server, HTTP",
    "bare amqplib",
  ]) {
    assert.match(output, new RegExp(`11B +\\| 100 +\\| ${pair} +\\|`));
  }
  if (!output.includes("Not measured: pika")) assert.match(output, /100 +\| pika asyncio +\|/);
});

test("npm run bench measures the AWS client and what it is compared with", async () => {
  const { status, output } = await quickRunOf("aws-s3-put-1KB-64");
  assert.equal(status, 0, output);
  for (const client of ["@lambdad/aws", "hand-signed, our transport"]) {
    assert.match(output, new RegExp(`s3-put-1KB-64 +\\| ${client} +\\| .* 0 \\|$`, "m"));
  }
  if (!output.includes("Not measured: clients of AWS")) {
    assert.match(output, /s3-put-1KB-64 +\| AWS SDK v3, defaults +\|/);
  }
});

test("npm run bench measures object stores and what they stand on", async () => {
  const { status, output } = await quickRunOf("stores-put-1KB");
  assert.equal(status, 0, output);
  for (const store of ["memory:", "file:", "plain files"]) {
    assert.match(output, new RegExp(`put-1KB +\\| ${store} +\\| .* 0 \\|$`, "m"));
  }
  if (!output.includes("Not measured: redis")) {
    for (const store of ["redis:", "redis, SET and GET"]) {
      assert.match(output, new RegExp(`put-1KB +\\| ${store} +\\| .* 0 \\|$`, "m"));
    }
  }
});

test("npm run bench measures managed transfers in both directions", async () => {
  for (const operation of ["upload", "download"]) {
    const { status, output } = await quickRunOf(`transfers-${operation}`);
    assert.equal(status, 0, output);
    assert.match(output, new RegExp(`${operation} +\\| @lambdad/aws +\\| .* 0 \\|$`, "m"));
  }
});

test("npm run bench ends with 1 when lambdad does not start, and says why", async () => {
  const { status, output } = await quickRun(`--lambdad="${process.execPath}" --eval throw(42)`);
  assert.equal(status, 1, output);
  assert.match(output, /Cannot start lambdad: .*42/);
});

test("npm run bench tells of a peer that does not start, and ends with 0", async () => {
  const peer = `--peer=broken="${process.execPath}" --eval 0`;
  const { status, output } = await quickRun(`--lambdad=${standIn}`, peer, "--peer-node-runtime=x");
  assert.equal(status, 0, output);
  assert.match(output, /Cannot start broken: it ended with status 0/);
});

test("npm run bench ends with 2 on a mistake in its arguments", async () => {
  const { status, output } = await quickRun("--scenario=nothing");
  assert.equal(status, 2, output);
  assert.match(output, /Cannot find the scenario 'nothing'/);
});
