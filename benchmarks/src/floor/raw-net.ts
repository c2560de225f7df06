// The lower bound: the hand-over of `node-http.ts` over bare `node:net`. Heads are searched, not parsed,
// bodies go out in the pieces in which they came in, and each message is one write.
import { randomUUID } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { MessageReader } from "../wire/message-reader.ts";
import { floorSettings, startRuntimes } from "./runtime-processes.ts";

interface Call {
  readonly id: string;
  readonly event: readonly Buffer[];
  readonly caller: Socket;
}

const settings = floorSettings(process.env, process.argv.slice(2));
const idle: Socket[] = [];
const waiting: Call[] = [];
const running = new Map<string, Call>();
const accepted = 'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n';
const eventHead =
  "Content-Type: application/json\r\n" +
  "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:012345678912:function:echo\r\n";
/** A body of one piece up to this size goes out in one string with its head. */
const oneStringBytesMax = 4_096;

function listen(
  port: number,
  onMessage: (socket: Socket, head: string, body: Buffer[]) => void,
): Server {
  const server = createServer({ noDelay: true }, (socket) => {
    let head = "";
    let body: Buffer[] = [];
    const reader = new MessageReader({
      head: (text) => {
        head = text;
        body = [];
      },
      body: (chunk) => body.push(chunk),
      end: () => onMessage(socket, head, body),
    });
    socket.on("data", (chunk) => reader.push(chunk));
    socket.on("error", () => socket.destroy());
  });
  return server.listen(port, "127.0.0.1");
}

function send(socket: Socket, head: string, body: readonly Buffer[]): void {
  let length = 0;
  for (const chunk of body) length += chunk.length;
  const text = `${head}Content-Length: ${length}\r\n\r\n`;
  const [first] = body;
  if (body.length <= 1 && length <= oneStringBytesMax) {
    socket.write(first === undefined ? text : text + first.toString("latin1"), "latin1");
    return;
  }
  socket.cork();
  socket.write(text, "latin1");
  for (const chunk of body) socket.write(chunk);
  socket.uncork();
}

function dispatch(runtime: Socket, call: Call): void {
  running.set(call.id, call);
  const deadline = Date.now() + 120_000;
  const ids = `Lambda-Runtime-Aws-Request-Id: ${call.id}\r\nLambda-Runtime-Deadline-Ms: ${deadline}\r\n`;
  send(runtime, `HTTP/1.1 200 OK\r\n${eventHead}${ids}`, call.event);
}

const runtimeApi = listen(settings.runtimePort, (runtime, head, body) => {
  if (head.startsWith("GET ")) {
    const call = waiting.shift();
    if (call === undefined) idle.push(runtime);
    else dispatch(runtime, call);
    return;
  }
  // `POST /2018-06-01/runtime/invocation/<id>/response`
  const id = head.slice(36, 72);
  const call = running.get(id);
  running.delete(id);
  runtime.write(accepted, "latin1");
  if (call === undefined) return;
  send(call.caller, `HTTP/1.1 200 OK\r\nx-amzn-RequestId: ${id}\r\n`, body);
});
runtimeApi.on("listening", () => startRuntimes(settings));

listen(settings.port, (caller, _head, event) => {
  const call = { id: randomUUID(), event, caller };
  const runtime = idle.pop();
  if (runtime === undefined) waiting.push(call);
  else dispatch(runtime, call);
});
