import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { quiet } from "../client/client-fixture.test.ts";
import type { ServiceClients } from "../client/client-types.ts";
import type { ClientOptions } from "../client/options.ts";
import { Session } from "../client/session.ts";

/** A call that has fully arrived at the stand-in. */
export interface UploadCall {
  /** `UploadPart` */
  readonly operation: string;
  /** Number of the part; 0 for none. */
  readonly part: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly query: URLSearchParams;
}

/** What happens in place of the answer, or before it (a promise): `true` when it was answered. */
type Fault = (
  call: UploadCall,
  response: ServerResponse,
  answer: () => void,
) => boolean | undefined | Promise<boolean | undefined>;

/** A stand-in for S3 that takes uploads. */
export interface UploadServer extends AsyncDisposable {
  readonly calls: UploadCall[];
  /** Names of the calls, in the order of their arrival. */
  readonly operations: string[];
  /** What is there, by key. */
  readonly objects: Map<string, { readonly bytes: Buffer; readonly etag: string }>;
  /** Uploads that were begun, and neither completed nor aborted. */
  readonly open: Set<string>;
  client(options?: ClientOptions): ServiceClients["s3"];
  /** Resolves when that many calls of an operation have arrived. */
  arrived(operation: string, count?: number): Promise<void>;
}

function clientOf(url: string, options: ClientOptions): ServiceClients["s3"] {
  return new Session({ ...quiet, endpoint: url, ...options }).client("s3");
}

/** Answers with an error of S3's. */
export function refuse(response: ServerResponse, status: number, code: string): true {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<Error><Code>${code}</Code><Message>${code} happened</Message></Error>`);
  return true;
}

/** Starts a stand-in for S3 that takes uploads; `fault` may answer in its place. */
export async function startUploadServer(fault: Fault = () => undefined): Promise<UploadServer> {
  const store = new Store();
  const calls: UploadCall[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? "", "http://s3");
    request.on("error", () => {});
    void buffer(request).then(
      async (body) => {
        const operation = operationOf(request.method ?? "", request.headers, query);
        const part = Number(query.get("partNumber") ?? 0);
        const call = { operation, part, headers: request.headers, body, query };
        calls.push(call);
        for (const check of waiting) check();
        const answer = (): void => store.answer(call, pathname, response);
        if ((await fault(call, response, answer)) !== true) answer();
      },
      () => {},
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: ServiceClients["s3"][] = [];
  return {
    calls,
    get operations() {
      return calls.map(({ operation }) => operation);
    },
    objects: store.objects,
    open: store.open,
    client(options = {}) {
      const client = clientOf(url, options);
      clients.push(client);
      return client;
    },
    arrived: (operation, count = 1) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (calls.filter((call) => call.operation === operation).length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

function operationOf(method: string, headers: IncomingHttpHeaders, query: URLSearchParams): string {
  const isCopy = headers["x-amz-copy-source"] !== undefined;
  if (query.has("tagging")) return "GetObjectTagging";
  if (query.has("uploads")) return "CreateMultipartUpload";
  if (method === "GET") return query.has("uploadId") ? "ListParts" : "GetObject";
  if (method === "HEAD") return "HeadObject";
  if (method === "DELETE") return "AbortMultipartUpload";
  if (method === "POST") return "CompleteMultipartUpload";
  if (query.has("partNumber")) return isCopy ? "UploadPartCopy" : "UploadPart";
  return isCopy ? "CopyObject" : "PutObject";
}

class Store {
  readonly objects: UploadServer["objects"] = new Map();
  readonly open = new Set<string>();
  readonly #parts = new Map<string, Map<number, Buffer>>();

  answer(call: UploadCall, path: string, response: ServerResponse): void {
    const id = call.query.get("uploadId") ?? "";
    const key = decodeURIComponent(path.split("/").slice(2).join("/"));
    if (id !== "" && !this.open.has(id)) return void refuse(response, 404, "NoSuchUpload");
    switch (call.operation) {
      case "CreateMultipartUpload": {
        const made = `upload-${this.#parts.size + 1}`;
        this.open.add(made);
        this.#parts.set(made, new Map());
        return void response.end(`<R><UploadId>${made}</UploadId></R>`);
      }
      case "UploadPart":
        this.#parts.get(id)?.set(call.part, call.body);
        return void response.writeHead(200, { etag: etagOf(call.body) }).end();
      case "CompleteMultipartUpload":
        return this.#complete(call, id, key, response);
      case "AbortMultipartUpload":
        this.open.delete(id);
        return void response.writeHead(204).end();
      case "GetObject":
        return void response.end(this.objects.get(key)?.bytes);
      case "ListParts":
        return void response.end("<R></R>");
      case "HeadObject": {
        const object = this.objects.get(key);
        if (object === undefined) return void response.writeHead(404).end();
        const length = String(object.bytes.length);
        return void response.writeHead(200, { etag: object.etag, "content-length": length }).end();
      }
      default:
        this.objects.set(key, { bytes: call.body, etag: etagOf(call.body) });
        return void response.writeHead(200, { etag: etagOf(call.body) }).end();
    }
  }

  #complete({ body }: UploadCall, id: string, key: string, response: ServerResponse): void {
    const listed = [...body.toString().matchAll(/<PartNumber>(\d+)</g)].map(([, n]) => Number(n));
    const bodies = listed.map((number) => this.#parts.get(id)?.get(number) ?? Buffer.alloc(0));
    const digests = bodies.map((each) => createHash("md5").update(each).digest());
    const etag = `"${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${bodies.length}"`;
    this.objects.set(key, { bytes: Buffer.concat(bodies), etag });
    this.open.delete(id);
    response.end(`<R><Location>http://s3/${key}</Location><ETag>${etag}</ETag></R>`);
  }
}

function etagOf(bytes: Buffer): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}
