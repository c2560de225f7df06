import { createHash } from "node:crypto";
import { after, before } from "node:test";
import { type RedisServer, startRedis } from "@lambdad/testkit";
import { createClient } from "redis";
import type { ObjectRecord, ObjectStorage, StoredObject } from "../object-storage.ts";
import { openRedisStorage, type RedisStorageOptions } from "./open-redis-storage.ts";

/** A Redis for the tests of a file, with a client that does what others do. */
export interface RedisFixture {
  readonly server: RedisServer;
  /** Commands as others send them. */
  command(...args: readonly (string | Buffer)[]): Promise<unknown>;
  /** Opens a store with these options; closed when the tests have run. */
  open(query?: string, options?: RedisStorageOptions): Promise<ObjectStorage>;
}

/** Starts a Redis before the tests of a file, and ends it behind them. */
export function withRedis(args: readonly string[] = []): RedisFixture {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  const opened: ObjectStorage[] = [];
  before(async () => {
    server = await startRedis({ args });
    client = createClient({ url: server.uri });
    client.on("error", () => {});
    await client.connect();
  });
  after(async () => {
    for (const storage of opened) await storage.close();
    client.destroy();
    await server.stop();
  });
  return {
    get server() {
      return server;
    },
    command: (...given) => client.sendCommand([...given]),
    async open(query = "", options) {
      const storage = await openRedisStorage(`${server.uri}${query}`, options);
      opened.push(storage);
      return storage;
    },
  };
}

/** The record of bytes, as the operations make it. */
export function recordOf(body: Buffer, fields: Partial<ObjectRecord> = {}): ObjectRecord {
  const etag = `"${createHash("md5").update(body).digest("hex")}"`;
  return { size: body.length, etag, modified: 1_700_000_000_000, details: {}, tags: [], ...fields };
}

/** Puts text into a store. */
export async function put(
  storage: ObjectStorage,
  key: string,
  text: string,
  condition: { ifMatch?: string; ifNone?: boolean } = {},
  bucket = "bucket",
): Promise<string> {
  const body = storage.stageBytes(Buffer.from(text));
  return await storage.write(bucket, key, recordOf(body as Buffer), body, condition);
}

/** Reads an object whole. @throws when there is none */
export async function get(
  storage: ObjectStorage,
  key: string,
  body: Parameters<ObjectStorage["read"]>[2]["body"] = "whole",
  bucket = "bucket",
): Promise<StoredObject> {
  const found = await storage.read(bucket, key, { body, streamAbove: Infinity });
  if (typeof found === "string") throw new Error(`${key}: ${found}`);
  return found;
}

/** An object's bytes as text. @throws when there is none */
export async function textOf(
  storage: ObjectStorage,
  key: string,
  body: Parameters<ObjectStorage["read"]>[2]["body"] = "whole",
  bucket = "bucket",
): Promise<string | undefined> {
  return ((await get(storage, key, body, bucket)).body as Buffer | undefined)?.toString();
}
