// An external extension that audits its own telemetry: `node auditor.ts CONFIG`, the configuration being
// the JSON text of `AuditorConfig`. It answers GET on its own port with its verdict so far, and writes
// the last one to a file at SHUTDOWN.
import { renameSync, writeFileSync } from "node:fs";
import { Agent, createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditorConfig } from "./auditor-folder.ts";
import { numberedLine } from "./numbered-line.ts";
import { TelemetryAudit, type TelemetryEvent } from "./telemetry-audit.ts";

type ExtensionEvent =
  | { readonly eventType: "INVOKE"; readonly requestId: string }
  | { readonly eventType: "SHUTDOWN"; readonly deadlineMs: number };

const config = JSON.parse(process.argv[2] ?? "") as AuditorConfig;
const [host = "", port = ""] = (process.env["AWS_LAMBDA_RUNTIME_API"] ?? "").split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const audit = new TelemetryAudit();
const fast = new AbortController();
let invocations = 0;

async function textOf(message: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

/** One call of the Extensions or Telemetry API. @throws unless it is answered with 200. */
function call(
  method: string,
  path: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): Promise<{ readonly id: string; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { headers = {}, body } = options;
  request({ host, port, method, path, agent, headers }, resolve).on("error", reject).end(body);
  return promise.then(async (response) => {
    const text = await textOf(response);
    if (response.statusCode !== 200) {
      throw new Error(`${method} ${path} was answered ${response.statusCode} ${text}`);
    }
    return { id: String(response.headers["lambda-extension-identifier"] ?? ""), body: text };
  });
}

/** Takes a batch; while it is slow, the answer waits. */
async function take(message: IncomingMessage): Promise<void> {
  audit.take(JSON.parse(await textOf(message)) as TelemetryEvent[]);
  if (fast.signal.aborted || config.slowMs === 0) return;
  await sleep(config.slowMs, undefined, { signal: fast.signal }).catch(() => {});
}

async function listen(): Promise<number> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (message, response) => {
    if (message.method === "GET") {
      response.end(JSON.stringify(audit.verdict()));
      return;
    }
    take(message).then(() => response.end(), fail);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Atomic: whoever finds the file can read it. */
function write(name: string, value: unknown): void {
  const path = join(config.folder, name);
  writeFileSync(`${path}.part`, JSON.stringify(value));
  renameSync(`${path}.part`, path);
}

function invoked(requestId: string): void {
  invocations += 1;
  audit.invoked(requestId, config.lines);
  process.stdout.write(
    `${numberedLine({ output: "ext", number: audit.extensionLine(), requestId })}\n`,
  );
  if (invocations === config.slowInvocations) fast.abort();
}

/** The last batches come before SHUTDOWN or with it. */
async function shutdown(deadlineMs: number): Promise<void> {
  fast.abort();
  while (!audit.isSettled && Date.now() < deadlineMs - 300) await sleep(10);
  write(`verdict-${process.pid}.json`, audit.verdict());
  process.exit(0);
}

function fail(error: unknown): void {
  process.stderr.write(`The auditor failed: ${String(error)}\n`);
  write(`failure-${process.pid}.json`, String(error));
  process.exit(1);
}

async function main(): Promise<void> {
  const auditorPort = await listen();
  const { id } = await call("POST", "/2020-01-01/extension/register", {
    headers: { "Lambda-Extension-Name": basename(config.name) },
    body: JSON.stringify({ events: ["INVOKE", "SHUTDOWN"] }),
  });
  const headers = { "Lambda-Extension-Identifier": id };
  await call("PUT", "/2022-07-01/telemetry", {
    headers,
    body: JSON.stringify({
      schemaVersion: "2025-01-29",
      types: ["platform", "function", "extension"],
      buffering: config.buffering,
      destination: { protocol: "HTTP", URI: `http://sandbox.localdomain:${auditorPort}/` },
    }),
  });
  write(`port-${process.pid}.json`, auditorPort);
  for (;;) {
    const { body } = await call("GET", "/2020-01-01/extension/event/next", { headers });
    const event = JSON.parse(body) as ExtensionEvent;
    if (event.eventType === "INVOKE") invoked(event.requestId);
    else await shutdown(event.deadlineMs);
  }
}

main().catch(fail);
