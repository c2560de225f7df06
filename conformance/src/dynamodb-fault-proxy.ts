import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  request as send,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** How often each fault happens, of 1; what is left of 1 goes through. */
export interface FaultShares {
  /** Some of the batch is left unprocessed, and the rest is forwarded. */
  readonly unprocessed: number;
  /** ProvisionedThroughputExceededException; nothing is forwarded. */
  readonly throttled: number;
  /** The connection is cut before anything is forwarded. */
  readonly cutBefore: number;
  /** The connection is cut when DynamoDB has answered. */
  readonly cutAfter: number;
}

/** A write that DynamoDB was given, and has answered for. */
export interface Forwarded {
  /** Attribute values, as on the wire. */
  readonly item: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The caller did not hear of it. */
  readonly isCut: boolean;
}

/** A proxy in front of DynamoDB that does harm to batches and transactions. Whoever starts it stops it. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Writes in the order in which they were answered. */
  readonly forwarded: Forwarded[];
  /** How often each thing has happened. */
  readonly counts: Record<keyof FaultShares | "passed", number>;
  stop(): Promise<void>;
}

type Batch = Record<string, unknown[] | { readonly Keys: unknown[] }>;

/** Starts a proxy on this machine. The same seed gives the same faults for the same requests in order. */
export async function startFaultProxy(
  target: string,
  shares: FaultShares,
  seed: number,
): Promise<FaultProxy> {
  const random = seeded(seed);
  const counts = { unprocessed: 0, throttled: 0, cutBefore: 0, cutAfter: 0, passed: 0 };
  const forwarded: Forwarded[] = [];
  const fate = (): keyof typeof counts => {
    let at = random();
    for (const name of ["unprocessed", "throttled", "cutBefore", "cutAfter"] as const) {
      if (at < shares[name]) return name;
      at -= shares[name];
    }
    return "passed";
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    const operation = String(request.headers["x-amz-target"]).split(".").at(-1);
    if (!harmed.has(operation ?? "")) {
      reply(response, await forward(target, request, body));
      return;
    }
    const chosen = fate();
    counts[chosen] += 1;
    if (chosen === "cutBefore") {
      request.socket.destroy();
      return;
    }
    if (chosen === "throttled") {
      const __type = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
      reply(response, { status: 400, body: JSON.stringify({ __type, message: "Too fast" }) });
      return;
    }
    if (operation === "TransactWriteItems") {
      const result = await forward(target, request, body);
      if (chosen === "cutAfter") request.socket.destroy();
      else reply(response, result);
      return;
    }
    const input = JSON.parse(body.toString()) as { RequestItems: Batch };
    const { kept, left } =
      chosen === "unprocessed"
        ? split(input.RequestItems, random)
        : { kept: input.RequestItems, left: {} };
    const leftAs = operation === "BatchWriteItem" ? "UnprocessedItems" : "UnprocessedKeys";
    let result: Answer = { status: 200, body: "{}" };
    if (Object.keys(kept).length > 0) {
      result = await forward(target, request, JSON.stringify({ ...input, RequestItems: kept }));
    }
    if (result.status === 200 && operation === "BatchWriteItem") {
      for (const item of itemsOf(kept)) forwarded.push({ item, isCut: chosen === "cutAfter" });
    }
    if (chosen === "cutAfter") {
      request.socket.destroy();
    } else if (result.status === 200) {
      const output = JSON.parse(result.body) as object;
      reply(response, { status: 200, body: JSON.stringify({ ...output, [leftAs]: left }) });
    } else {
      reply(response, result);
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    forwarded,
    counts,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Batches, and transactions, of which nothing can be left unprocessed. */
const harmed: ReadonlySet<string> = new Set([
  "BatchWriteItem",
  "BatchGetItem",
  "TransactWriteItems",
]);

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The checksum of the answer is not passed on: the body may be another one. */
async function forward(
  target: string,
  { headers }: IncomingMessage,
  body: Buffer | string,
): Promise<Answer> {
  const { "content-length": _, connection: _2, ...others } = headers;
  const request = send(target, { method: "POST", headers: others });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const text = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode ?? 500, body: text };
}

function reply(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
  response.end(body);
}

/** Leaves a random share of a batch unprocessed: sometimes all of it. */
function split(items: Batch, random: () => number): { kept: Batch; left: Batch } {
  const share = random() < 0.2 ? 1 : random();
  const [kept, left]: [Batch, Batch] = [{}, {}];
  for (const [table, batch] of Object.entries(items)) {
    const all = Array.isArray(batch) ? batch : batch.Keys;
    const parts: [unknown[], unknown[]] = [[], []];
    for (const each of all) parts[random() < share ? 1 : 0].push(each);
    const wrap = (part: unknown[]) => (Array.isArray(batch) ? part : { ...batch, Keys: part });
    if (parts[0].length > 0) kept[table] = wrap(parts[0]);
    if (parts[1].length > 0) left[table] = wrap(parts[1]);
  }
  return { kept, left };
}

function itemsOf(batch: Batch): Forwarded["item"][] {
  return Object.values(batch)
    .flat()
    .map((request) => {
      const { PutRequest, DeleteRequest } = request as Record<string, Record<string, unknown>>;
      return (PutRequest?.["Item"] ?? DeleteRequest?.["Key"]) as Forwarded["item"];
    });
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
