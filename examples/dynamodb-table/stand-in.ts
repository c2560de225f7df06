// A DynamoDB on this machine, in memory: dynalite, from npm. It has everything but transactions.
//
// node stand-in.ts [PORT]
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

const dynalite = createRequire(import.meta.url)("dynalite") as (options: {
  // Milliseconds that tables take to come, to change and to go.
  createTableMs: number;
  updateTableMs: number;
  deleteTableMs: number;
}) => Server;

/** A running stand-in. */
export interface StandIn {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a DynamoDB without tables.
 *
 * @param port 0 is any that is free.
 */
export async function startStandIn(port = 0): Promise<StandIn> {
  const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
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

if (process.argv[1] === import.meta.filename) {
  const { url } = await startStandIn(Number(process.argv[2] ?? 0));
  console.log(`DynamoDB at ${url}`);
}
