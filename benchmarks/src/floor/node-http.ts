// The floor: Runtime API and invoke door in bare `node:http`. It hands bytes over and does nothing else
// that a host must do: no deadlines, no checks, no states, no logs, no recovery.
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { floorSettings, startRuntimes } from "./runtime-processes.ts";

interface Call {
  readonly id: string;
  readonly event: Buffer;
  readonly caller: ServerResponse;
  readonly streamed: boolean;
}

const settings = floorSettings(process.env, process.argv.slice(2));
const idle: ServerResponse[] = [];
const waiting: Call[] = [];
const running = new Map<string, Call>();
const accepted = '{"status":"OK"}\n';

function collect(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => done(Buffer.concat(chunks)));
}

function dispatch(runtime: ServerResponse, call: Call): void {
  running.set(call.id, call);
  runtime.writeHead(200, {
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": call.id,
    "Lambda-Runtime-Deadline-Ms": Date.now() + 120_000,
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:012345678912:function:echo",
    "Content-Length": call.event.length,
  });
  runtime.end(call.event);
}

/** `/2018-06-01/runtime/invocation/<id>/response` */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const id = (request.url ?? "").slice(31, 67);
  const call = running.get(id);
  running.delete(id);
  const accept = (): void => {
    response.writeHead(202, { "Content-Length": accepted.length });
    response.end(accepted);
  };
  if (call?.streamed === true) {
    call.caller.writeHead(200, { "x-amzn-RequestId": id });
    request.pipe(call.caller);
    request.on("end", accept);
    return;
  }
  collect(request, (body) => {
    accept();
    call?.caller.writeHead(200, { "x-amzn-RequestId": id, "Content-Length": body.length });
    call?.caller.end(body);
  });
}

const runtimeApi = createServer((request, response) => {
  if (request.method === "POST") {
    answer(request, response);
    return;
  }
  const call = waiting.shift();
  if (call === undefined) idle.push(response);
  else dispatch(response, call);
});
const invokeApi = createServer((request, response) => {
  const streamed = request.url?.includes("response-streaming") === true;
  collect(request, (event) => {
    const call = { id: randomUUID(), event, caller: response, streamed };
    const runtime = idle.pop();
    if (runtime === undefined) waiting.push(call);
    else dispatch(runtime, call);
  });
});

runtimeApi.listen(settings.runtimePort, "127.0.0.1", () => startRuntimes(settings));
invokeApi.listen(settings.port, "127.0.0.1");
