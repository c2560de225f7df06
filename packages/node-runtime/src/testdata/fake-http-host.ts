import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import {
  type FakeHost,
  type FakeInvocation,
  type FunctionFiles,
  type InitFailure,
  newRequestId,
  PendingAnswer,
  type ProcessEnd,
  startProcess,
} from "./fake-host.ts";

/** A host that serves AWS's Runtime API over HTTP. */
export async function startFakeHttpHost(t: TestContext, files: FunctionFiles): Promise<FakeHost> {
  const pending = new Map<string, PendingAnswer>();
  const events: ((response: ServerResponse) => void)[] = [];
  const waiters: ServerResponse[] = [];
  let failInit: (failure: InitFailure) => void = () => undefined;

  function dispatch(): void {
    const event = events[0];
    const waiter = waiters[0];
    if (event === undefined || waiter === undefined) return;
    events.shift();
    waiters.shift();
    event(waiter);
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, , , scope = "", id = "", verb = ""] = (request.url ?? "").split("/");
    if (id === "next") {
      waiters.push(response);
      dispatch();
      return;
    }
    const answer = scope === "invocation" ? pending.get(decodeURIComponent(id)) : undefined;
    const streaming = request.headers["lambda-runtime-function-response-mode"] === "streaming";
    const flow = { pause: () => request.pause(), resume: () => request.resume() };
    if (answer !== undefined) answer.contentType = request.headers["content-type"] ?? "";
    let json = "";
    request.on("data", (chunk: Buffer) => {
      if (streaming) answer?.chunk(chunk, flow);
      else json += chunk.toString("latin1");
    });
    await new Promise((resolve) => request.on("end", resolve));
    // What was logged before the answer is in the other pipe already: let it be read first.
    await new Promise((resolve) => setImmediate(resolve));
    json = Buffer.from(json, "latin1").toString("utf8");
    response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}\n');
    const errorType = String(request.headers["lambda-runtime-function-error-type"] ?? "");
    const { trailers } = request;
    const trailerType = trailers["lambda-runtime-function-error-type"];
    const trailerBody = trailers["lambda-runtime-function-error-body"] ?? "";
    if (scope === "init") failInit({ errorType, json });
    else if (verb === "error") answer?.settle({ kind: "failed", errorType, json });
    else if (!streaming) answer?.settle({ kind: "returned", json });
    else if (trailerType === undefined) answer?.streamEnded(undefined);
    else {
      const text = Buffer.from(trailerBody, "base64").toString("utf8");
      answer?.streamEnded({ errorType: trailerType, json: text });
    }
  }

  const server = createServer((request, response) => void onRequest(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const started = startProcess(t, files, { AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` });
  const initFailure = new Promise<InitFailure | ProcessEnd>((resolve) => {
    failInit = resolve;
    void started.exited.then(resolve);
  });

  return {
    ...started,
    initFailure,
    waiting: () => waiters.length,
    lose: () => {
      server.close();
      server.closeAllConnections();
    },
    invoke: (event: string, options: FakeInvocation = {}) => {
      const id = options.requestId ?? newRequestId();
      const answer = new PendingAnswer(options);
      pending.set(id, answer);
      void started.exited.then((end) => answer.settle(end));
      events.push((response) => {
        response.writeHead(200, headersOf(id, options)).end(event);
      });
      dispatch();
      return answer.promise;
    },
  };
}

function headersOf(id: string, options: FakeInvocation): Record<string, string> {
  const optional = {
    "Lambda-Runtime-Trace-Id": options.traceId,
    "Lambda-Runtime-Client-Context": options.clientContext,
    "Lambda-Runtime-Cognito-Identity": options.cognitoIdentity,
    "Lambda-Runtime-Aws-Tenant-Id": options.tenantId,
  };
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": id,
    "Lambda-Runtime-Deadline-Ms": String(options.deadlineMs ?? Date.now() + 3000),
    "Lambda-Runtime-Invoked-Function-Arn":
      options.arn ?? "arn:aws:lambda:us-east-1:012345678912:function:my-fn",
  };
  for (const [name, value] of Object.entries(optional)) {
    // The bytes of UTF-8, as a host must send them.
    if (value !== undefined) headers[name] = Buffer.from(value).toString("latin1");
  }
  return headers;
}
