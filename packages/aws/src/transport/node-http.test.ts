import assert from "node:assert/strict";
import {
  createServer,
  request as nodeRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { before, after, test } from "node:test";
import { HttpTransport } from "./http-transport.ts";
import { newRequest, originOf, Recorder, testOptions } from "./transport-fixture.test.ts";
import type { HttpRequest } from "./transport.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => unknown;

/** What node's own server can do with a response. */
const behaviours: Record<string, Handler> = {
  "a length": (_, response, body) => response.end(`echo ${body}`),
  chunks: (_, response, body) => {
    response.write("a");
    response.write("b".repeat(70_000));
    response.end(body);
  },
  trailers: (request, response) => {
    // Node cannot add them to an answer that has no body.
    if (request.method === "HEAD") return response.end();
    response.writeHead(200, { trailer: "x-sum" });
    response.write("body");
    response.addTrailers({ "X-Sum": "1234" });
    return response.end();
  },
  "status 204": (_, response) => response.writeHead(204).end(),
  "status 304": (_, response) => response.writeHead(304, { etag: '"x"' }).end(),
  "status 404 with a body": (_, response) => response.writeHead(404, "Gone Away").end("not here"),
  "connection: close": (_, response) =>
    response.writeHead(200, { connection: "close" }).end("last"),
  "a body until close": (_, response) => {
    response.useChunkedEncodingByDefault = false;
    response.removeHeader("connection");
    response.write("a");
    response.end("b");
  },
  "early hints and processing": (_, response) => {
    response.writeProcessing();
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.end("after");
  },
  "the same header three times": (_, response) => {
    response.setHeader("Set-Cookie", ["a=1", "b=2", "c=3"]).end();
  },
  "a long head": (_, response) => {
    for (let i = 0; i < 100; i++) response.setHeader(`X-Amz-Meta-${i}`, "v".repeat(100));
    response.end("x");
  },
  "a head in pieces": (_, response) => {
    response.setHeader("x-a", "b");
    response.flushHeaders();
    setTimeout(() => response.end("later"), 20);
  },
  "a large body": (_, response) => response.end("y".repeat(3_000_000)),
  "what it got": (request, response, body) => {
    const { method, url, rawHeaders } = request;
    const own = /^(?:connection|content-length|transfer-encoding)$/i;
    const headers = rawHeaders.filter((_, at) => !own.test(rawHeaders[at - (at % 2)] ?? ""));
    response.end(JSON.stringify([method, url, headers, body]));
  },
};

interface Answer {
  readonly status: number;
  readonly headers: string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

let server: Server;
let port: number;
const transport = new HttpTransport(testOptions);

function handle(request: IncomingMessage, response: ServerResponse): void {
  let body = "";
  request.setEncoding("latin1");
  request.on("data", (chunk: string) => {
    body += chunk;
  });
  request.on("end", () => {
    response.sendDate = false;
    const name = decodeURIComponent((request.url ?? "").slice(1).split("?")[0] ?? "");
    behaviours[name]?.(request, response, body);
  });
}

before(async () => {
  server = createServer(handle);
  server.on("checkContinue", (request, response) => {
    response.writeContinue();
    handle(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  ({ port } = server.address() as AddressInfo);
});

after(() => {
  transport.close();
  server.closeAllConnections();
  server.close();
});

function sendByNode(request: HttpRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, path } = request;
    const sent = nodeRequest(
      { port, host: "127.0.0.1", method, path, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("latin1");
        response.on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () => {
          const { rawHeaders, rawTrailers, statusCode } = response;
          resolve({ status: statusCode ?? 0, headers: rawHeaders, body, trailers: rawTrailers });
        });
      },
    );
    sent.on("error", reject);
    for (let at = 0; at < request.headers.length; at += 2) {
      sent.setHeader(request.headers[at] ?? "", request.headers[at + 1] ?? "");
    }
    if (typeof request.body === "string") sent.setHeader("content-length", request.body.length);
    sent.end(request.body);
  });
}

async function sendByUs(request: HttpRequest): Promise<Answer> {
  const recorder = new Recorder();
  transport.send(originOf(port), request, recorder);
  const { error, status, headers, body, trailers } = await recorder.ended;
  assert.equal(error, undefined);
  return { status, headers, body, trailers: trailers ?? [] };
}

function lower(list: readonly string[]): string[] {
  return list.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text));
}

/** The headers that do not depend on whether the client keeps its connections; names in lower case. */
function comparable({ status, headers, body, trailers }: Answer): Answer {
  const kept = lower(headers).filter(
    (_, at, all) => !/^(?:connection|keep-alive)$/.test(all[at - (at % 2)] ?? ""),
  );
  return { status, headers: kept, body, trailers: lower(trailers) };
}

for (const name of Object.keys(behaviours)) {
  for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
    test(`send() understands ${name} to ${method} as node's own client does`, async () => {
      const request = newRequest({
        method,
        path: `/${encodeURIComponent(name)}?a=b%20c`,
        headers: ["host", "service.test", "x-amz-meta-a", "b  c", "x-empty", ""],
        body: method === "PUT" ? "some text" : undefined,
      });
      const expected = comparable(await sendByNode(request));
      // The second one goes over the connection of the first, if that was kept.
      for (let i = 0; i < 2; i++) assert.deepEqual(comparable(await sendByUs(request)), expected);
    });
  }
}

test("send() understands the 100 of node's own server, and its chunks reach it", async () => {
  const body = {
    length: undefined,
    async *open(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("in ");
      yield Buffer.from("pieces");
    },
  };
  const path = `/${encodeURIComponent("a length")}`;
  const answer = await sendByUs(newRequest({ method: "PUT", path, expectContinue: true, body }));
  assert.equal(answer.body, "echo in pieces");
});
