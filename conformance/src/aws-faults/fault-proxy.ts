import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What happens to a connection. `dribble`: bytes come singly for a while; `late`: they come late. */
export const proxyFaults = [
  "refuse",
  "reset-request",
  "reset-answer",
  "close-request",
  "close-answer",
  "stall",
  "dribble",
  "late",
] as const;

export type ProxyFault = (typeof proxyFaults)[number];

/** Stands between a client and a server of TCP, and harms some of the connections. */
export interface FaultProxy {
  readonly port: number;
  /** How often each fault has happened. */
  readonly faults: Readonly<Record<ProxyFault, number>>;
  /** Connections of the client that are open. */
  readonly open: number;
  close(): Promise<void>;
}

/** How a proxy works. */
export interface FaultProxyOptions {
  readonly serverPort: number;
  readonly random: () => number;
  /** Part of the connections that are harmed, 0 to 1. */
  readonly faultRate: number;
}

/** Starts a proxy on loopback. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const faults = Object.fromEntries(proxyFaults.map((name) => [name, 0])) as Record<
    ProxyFault,
    number
  >;
  const clients = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => {});
    const fault = pick(options);
    if (fault !== undefined) faults[fault]++;
    if (fault === "refuse") client.resetAndDestroy();
    else join(client, options, fault);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    get open() {
      return clients.size;
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

function pick({ random, faultRate }: FaultProxyOptions): ProxyFault | undefined {
  if (random() >= faultRate) return undefined;
  return proxyFaults[Math.floor(random() * proxyFaults.length)];
}

function join(
  client: Socket,
  { serverPort, random }: FaultProxyOptions,
  fault: ProxyFault | undefined,
): void {
  const upstream = connect({ port: serverPort, host: "127.0.0.1", noDelay: true });
  upstream.on("error", () => client.destroy());
  client.on("close", () => upstream.destroy());
  upstream.on("end", () => client.end());
  client.on("end", () => upstream.end());
  // So many bytes pass before the fault: within the first requests of the connection.
  let requestBytes = fault?.endsWith("request") === true ? random() * 20_000 : Infinity;
  let answerBytes = fault?.endsWith("answer") === true ? random() * 60_000 : Infinity;
  if (fault === "stall") answerBytes = random() * 20_000;
  client.on("data", (bytes: Buffer) => {
    requestBytes -= bytes.length;
    if (requestBytes < 0) end(client, fault);
    else pass(client, upstream, bytes);
  });
  upstream.on("data", (bytes: Buffer) => {
    const rest = answerBytes;
    answerBytes -= bytes.length;
    if (answerBytes >= 0) {
      if (fault === "dribble") dribble(client, bytes);
      else if (fault === "late") setTimeout(() => pass(upstream, client, bytes), 20);
      else pass(upstream, client, bytes);
      return;
    }
    if (rest > 0) client.write(bytes.subarray(0, rest));
    if (fault !== "stall") end(client, fault);
  });
}

function end(client: Socket, fault: ProxyFault | undefined): void {
  if (fault?.startsWith("reset") === true) client.resetAndDestroy();
  else client.end();
}

function pass(from: Socket, to: Socket, bytes: Buffer): void {
  if (to.destroyed || to.writableEnded || to.write(bytes)) return;
  from.pause();
  to.once("drain", () => from.resume());
}

function dribble(client: Socket, bytes: Buffer): void {
  const start = Math.min(bytes.length, 200);
  for (let at = 0; at < start; at++) pass(client, client, bytes.subarray(at, at + 1));
  pass(client, client, bytes.subarray(start));
}
