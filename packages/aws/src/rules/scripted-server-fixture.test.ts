import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Session } from "../client/session.ts";
import type { ClientOptions } from "../client/options.ts";
import type { ServiceClient } from "../client/service-client.ts";
import { HttpTransport } from "../transport/http-transport.ts";
import type { Origin, Transport } from "../transport/transport.ts";

/** A request as the server got it. */
export interface Received {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What the server answers; status 200 and no headers unless said. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Answers to give one after the other, or a function of the request. */
export type Script = readonly Answer[] | ((request: Received) => Answer);

/** A service on a loopback port. */
export interface ScriptedServer {
  readonly requests: Received[];
  /** Sends every request here, whatever its host. */
  readonly transport: Transport;
  readonly url: string;
}

/** Credentials of tests. */
export const testCredentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

/** Starts a service that follows a script; it ends with the test. */
export async function startServer(t: TestContext, script: Script): Promise<ScriptedServer> {
  const requests: Received[] = [];
  const server = createServer((message, response) => {
    void answer(message, response, requests, script);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const transport = redirecting(port);
  t.after(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });
  return { requests, transport, url: `http://127.0.0.1:${port}` };
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  requests: Received[],
  script: Script,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const target = message.url ?? "";
  const [path = "", query = ""] = target.split("?");
  const request: Received = {
    method: message.method ?? "",
    host: message.headers.host ?? "",
    path,
    query: new URLSearchParams(query),
    url: target,
    headers: message.headers as Record<string, string>,
    body: Buffer.concat(chunks),
  };
  requests.push(request);
  const scripted = typeof script === "function" ? script(request) : script[requests.length - 1];
  const given = scripted ?? { status: 418, body: "the script is over" };
  response.writeHead(given.status ?? 200, given.headers);
  response.end(message.method === "HEAD" ? undefined : given.body);
}

function redirecting(port: number): Transport {
  const http = new HttpTransport({
    maxConnections: 8,
    connectTimeoutMs: 10_000,
    keepAliveTimeoutMs: 60_000,
  });
  const origin: Origin = {
    protocol: "http:",
    host: "127.0.0.1",
    port,
    hostHeader: `127.0.0.1:${port}`,
  };
  return {
    send: (_origin, request, handler) => http.send(origin, request, handler),
    counts: () => http.counts(origin),
    close: () => http.close(),
  };
}

/** A client that reads no configuration and waits for no retry; its requests go to the server. */
export function clientOf(
  t: TestContext,
  service: string,
  server: ScriptedServer,
  options: ClientOptions = {},
): ServiceClient {
  const session = new Session({
    environment: {},
    configFile: "/nonexistent/config",
    credentialsFile: "/nonexistent/credentials",
  });
  t.after(() => session.close());
  return session.client(service, {
    region: "us-east-1",
    credentials: testCredentials,
    retry: { baseDelay: 0, maxDelay: 0 },
    transport: server.transport,
    ...options,
  }) as unknown as ServiceClient;
}
