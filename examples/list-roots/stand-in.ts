// A stand-in for AWS Organizations that answers ListRoots as often as it may, and throttles the rest.
//
// node stand-in.ts [PORT]
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How often the stand-in answers: a bucket of `burst` tokens that is filled at `rate` a second. */
export interface Limit {
  readonly rate: number;
  readonly burst: number;
}

/** A running stand-in. */
export interface StandIn {
  readonly url: string;
  close(): Promise<void>;
}

const root = {
  Arn: "arn:aws:organizations::123456789012:root/o-exampleorg/r-ab12",
  Id: "r-ab12",
  Name: "Root",
  PolicyTypes: [],
};

/**
 * Starts a stand-in on this machine.
 *
 * @param port 0 is any that is free.
 */
export async function startStandIn(limit: Limit, port = 0): Promise<StandIn> {
  const bucket = new TokenBucket(limit);
  const server = createServer((request, response) => {
    void answer(request, response, bucket);
  });
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  bucket: TokenBucket,
): Promise<void> {
  // The body says nothing that is looked at, and has to be read all the same.
  await request.resume().toArray();
  const target = request.headers["x-amz-target"];
  if (target !== "AWSOrganizationsV20161128.ListRoots") {
    send(response, 400, { __type: "UnknownOperationException", Message: String(target) });
  } else if (bucket.take()) {
    send(response, 200, { Roots: [root] });
  } else {
    const Message = "AWS Organizations can't complete your request because of too many requests.";
    send(response, 400, { __type: "TooManyRequestsException", Type: "ListRoots", Message });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.1",
    "x-amzn-requestid": crypto.randomUUID(),
  });
  response.end(JSON.stringify(body));
}

class TokenBucket {
  readonly #limit: Limit;
  #tokens: number;
  #filledAt = performance.now();

  constructor(limit: Limit) {
    this.#limit = limit;
    this.#tokens = limit.burst;
  }

  take(): boolean {
    const now = performance.now();
    const gained = ((now - this.#filledAt) / 1000) * this.#limit.rate;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await startStandIn({ rate: 1, burst: 4 }, Number(process.argv[2] ?? 0));
  console.log(`Stand-in for AWS Organizations at ${url}`);
}
