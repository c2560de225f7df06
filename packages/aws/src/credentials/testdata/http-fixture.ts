import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** A request that the server got. */
export interface SeenRequest {
  /** `PUT /latest/api/token`. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
}

/** An answer; `silence`: none at all; `break`: the connection is cut. */
export type Answer = readonly [status: number, body: string] | "silence" | "break" | "flood";

/** A server on loopback that a test scripts; it ends with the test. */
export async function startServer(
  t: TestContext,
  answer: (request: SeenRequest, count: number) => Answer,
): Promise<{ readonly url: string; readonly seen: SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const entry = { line: `${request.method} ${request.url}`, headers: request.headers };
    seen.push(entry);
    const given = answer(entry, seen.length);
    if (given === "silence") return;
    if (given === "break") return void request.socket.destroy();
    if (given === "flood") return void response.end(Buffer.alloc(1_000_000, "x"));
    response.writeHead(given[0]).end(given[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
