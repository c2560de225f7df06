// The least that a Node runtime can be: a client of the Runtime API over bare `node:net` around an echo.
// It is what the floors run where lambdad runs its own Node runtime, and where no Go is installed.
import { connect } from "node:net";
import { MessageReader } from "../wire/message-reader.ts";

const address = process.env["AWS_LAMBDA_RUNTIME_API"] ?? "";
const [host = "", port = ""] = address.split(":");
const socket = connect({ host, port: Number(port), noDelay: true });
let head = "";
let chunks: Buffer[] = [];

function next(): void {
  socket.write(`GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: ${address}\r\n\r\n`);
}

function echo(event: unknown): unknown {
  return event;
}

function invoke(): void {
  const id = /\r\nlambda-runtime-aws-request-id: *([^\r]+)/i.exec(head)?.[1];
  if (id === undefined) {
    next();
    return;
  }
  const body = JSON.stringify(echo(JSON.parse(Buffer.concat(chunks).toString())));
  socket.write(
    `POST /2018-06-01/runtime/invocation/${id}/response HTTP/1.1\r\nHost: ${address}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const reader = new MessageReader({
  head: (text) => {
    head = text;
    chunks = [];
  },
  body: (chunk) => chunks.push(chunk),
  end: () => {
    if (head.startsWith("HTTP/1.1 202")) next();
    else invoke();
  },
});
socket.on("data", (chunk) => reader.push(chunk));
socket.on("error", () => process.exit(1));
socket.on("close", () => process.exit(0));
next();
