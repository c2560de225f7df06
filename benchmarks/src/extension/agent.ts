// An extension as cheap as Node allows: `node agent.js NAME FOLDER events|telemetry`. It takes every event
// INVOKE and, with `telemetry`, every batch of the types platform and function, and looks at none of them.
// What it does is told by empty files in FOLDER: `invoked-PID`, `telemetry-PID`, `failed-PID` with why.
import { writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { MessageReader } from "../wire/message-reader.ts";

const [name = "", folder = "", mode = ""] = process.argv.slice(2);
const address = process.env["AWS_LAMBDA_RUNTIME_API"] ?? "";
const [host = "", port = ""] = address.split(":");
const accepted = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

function tell(what: string, text = ""): void {
  writeFileSync(join(folder, `${what}-${process.pid}`), text);
}

function fail(reason: string): never {
  tell("failed", reason);
  process.exit(1);
}

/** Takes batches and counts them: up to one. */
async function listen(): Promise<number> {
  let isNew = true;
  const server = createServer({ noDelay: true }, (socket) => {
    const reader = new MessageReader({
      head: () => {},
      body: () => {},
      end: () => {
        if (isNew) tell("telemetry");
        isNew = false;
        socket.write(accepted, "latin1");
      },
    });
    socket.on("data", (chunk) => reader.push(chunk));
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** One connection to the Runtime API, with one call at a time. */
class RuntimeApi {
  readonly #socket: Socket;
  #head = "";
  #onAnswer: ((head: string) => void) | undefined;

  constructor() {
    const reader = new MessageReader({
      head: (text) => {
        this.#head = text;
      },
      body: () => {},
      end: () => this.#onAnswer?.(this.#head),
    });
    this.#socket = connect({ host, port: Number(port), noDelay: true });
    this.#socket.on("data", (chunk) => reader.push(chunk));
    this.#socket.on("error", () => process.exit(1));
    this.#socket.on("close", () => process.exit(0));
  }

  send(text: string, onAnswer: (head: string) => void): void {
    this.#onAnswer = onAnswer;
    this.#socket.write(text, "latin1");
  }

  /** @returns the head of the answer; a status that is not 200 ends the process. */
  call(method: string, path: string, headers: string, body: string): Promise<string> {
    const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((resolve) => {
      this.send(
        `${method} ${path} HTTP/1.1\r\nHost: ${address}\r\n${headers}${length}\r\n${body}`,
        (head) => {
          if (head.startsWith("HTTP/1.1 200")) resolve(head);
          else fail(`${method} ${path}: ${head.slice(0, head.indexOf("\r\n"))}`);
        },
      );
    });
  }
}

async function main(): Promise<void> {
  const api = new RuntimeApi();
  const events = JSON.stringify({ events: ["INVOKE", "SHUTDOWN"] });
  const registerPath = "/2020-01-01/extension/register";
  const head = await api.call("POST", registerPath, `Lambda-Extension-Name: ${name}\r\n`, events);
  const id = /\r\nlambda-extension-identifier: *([^\r]+)/i.exec(head)?.[1] ?? "";
  const identity = `Lambda-Extension-Identifier: ${id}\r\n`;
  if (mode === "telemetry") {
    const subscription = {
      schemaVersion: "2025-01-29",
      types: ["platform", "function"],
      // As in AWS's examples.
      buffering: { maxItems: 1_000, maxBytes: 262_144, timeoutMs: 100 },
      destination: { protocol: "HTTP", URI: `http://sandbox.localdomain:${await listen()}/` },
    };
    const body = JSON.stringify(subscription);
    await api.call("PUT", "/2022-07-01/telemetry", identity, body);
  }
  const path = "/2020-01-01/extension/event/next";
  const next = `GET ${path} HTTP/1.1\r\nHost: ${address}\r\n${identity}\r\n`;
  // Its first event is the one that tells that it works.
  api.send(next, () => {
    tell("invoked");
    const again = (): void => api.send(next, again);
    again();
  });
}

main().catch((error: unknown) => fail(String(error)));
