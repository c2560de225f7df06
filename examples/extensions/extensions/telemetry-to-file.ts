#!/usr/bin/env node
// An external extension: it appends all telemetry to a file, one JSON object a line.
import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ExtensionsApi } from "../client/extensions-api.ts";

const name = basename(process.argv[1] ?? "");
const apiAddress = process.env["AWS_LAMBDA_RUNTIME_API"] ?? "";
const file = process.env["TELEMETRY_FILE"] ?? "/tmp/telemetry.jsonl";
/** A batch has at most twice `maxBytes`; more than this is no batch. */
const batchBytesMax = 4 * 1024 * 1024;
/** After SHUTDOWN a last batch may come: none for this time means that it has come. */
const quietMs = 250;
/** Left of the time until SIGKILL when we stop waiting. */
const reserveMs = 300;

let writing = 0;
let written = 0;
let lastBatchMs = 0;

/** Answers 200 for what is in the file, and 500 for what is to be sent again. */
async function receive(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  writing += 1;
  try {
    outgoing.statusCode = await store(await read(incoming));
  } catch (error) {
    console.error(`[${name}] cannot store a batch:`, error);
    outgoing.statusCode = 500;
  } finally {
    writing -= 1;
    lastBatchMs = Date.now();
    outgoing.end();
  }
  // Nothing is logged for a batch: our lines are telemetry too, and would make the next batch.
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > batchBytesMax) throw new RangeError(`the batch has over ${batchBytesMax} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function store(body: Buffer): Promise<number> {
  const events: unknown = parse(body);
  if (!Array.isArray(events)) return 400;
  // One write: lines of other environments, which have their own process, stay whole.
  await appendFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  written += events.length;
  return 200;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/**
 * A port of the system's choice, because several environments may share a machine. On AWS the listener
 * must be reachable as `sandbox.localdomain`; where the Runtime API is on the loopback, so is that.
 */
async function listen(): Promise<Server> {
  const server = createServer((incoming, outgoing) => void receive(incoming, outgoing));
  // An environment may be frozen for hours, and find its connection as it was.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  const host = apiAddress.startsWith("127.") ? "127.0.0.1" : "sandbox.localdomain";
  server.listen(0, host);
  await once(server, "listening");
  return server;
}

/** Waits for what is still on its way. */
async function drain(deadlineMs: number): Promise<void> {
  lastBatchMs = Date.now();
  const isQuiet = (): boolean => writing === 0 && Date.now() - lastBatchMs >= quietMs;
  while (!isQuiet() && Date.now() < deadlineMs - reserveMs) await sleep(20);
}

async function run(api: ExtensionsApi, server: Server, terminated: AbortSignal): Promise<void> {
  // Without INVOKE no invocation waits for us.
  await api.register(name, ["SHUTDOWN"]);
  const { port } = server.address() as AddressInfo;
  const isSubscribed = await api.subscribe({
    schemaVersion: "2022-12-13",
    types: ["platform", "function", "extension"],
    buffering: { maxItems: 1_000, maxBytes: 262_144, timeoutMs: 100 },
    destination: { protocol: "HTTP", URI: `http://sandbox.localdomain:${port}` },
  });
  if (isSubscribed) console.log(`[${name}] writing to ${file}`);
  else console.log(`[${name}] no telemetry: this host does not offer it`);
  for (;;) {
    const event = await api.next(terminated);
    if (event.eventType !== "SHUTDOWN") continue;
    // Said before the last batch, so that it can be in it.
    console.log(`[${name}] end: ${event.shutdownReason}, events until now: ${written}`);
    return await drain(event.deadlineMs);
  }
}

const api = new ExtensionsApi(apiAddress);
const terminated = new AbortController();
process.once("SIGTERM", () => terminated.abort());
let server: Server | undefined;
try {
  server = await listen();
  await run(api, server, terminated.signal);
} catch (error) {
  if (terminated.signal.aborted) await drain(Date.now() + 2 * quietMs + reserveMs);
  else {
    console.error(`[${name}]`, error);
    await api.fail("Extension.TelemetryToFileFailed", error);
    process.exitCode = 1;
  }
} finally {
  server?.close();
  server?.closeAllConnections();
  api.close();
}
