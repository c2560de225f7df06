import type { ObjectStorage } from "../object-storage.ts";
import { readStoreUrl } from "../store-url.ts";
import { type LoadRedis, loadRedis } from "./load-redis.ts";
import { RedisConnection, type RedisConnectionOptions } from "./redis-connection.ts";
import { RedisStorage } from "./redis-storage.ts";
import { readRedisUrl } from "./redis-url.ts";

/** Limits, certificates, and where the package comes from. */
export interface RedisStorageOptions extends RedisConnectionOptions {
  /** Default: imports the package `redis`. */
  readonly load?: LoadRedis | undefined;
}

/**
 * Opens a store in a Redis. It connects at the first call.
 * @param url `redis://[user:password@]host[:port][/db][?…]` or `rediss://…`
 * @throws ConfigurationError for a wrong URL, and without the package `redis`
 */
export async function openRedisStorage(
  url: string,
  options: RedisStorageOptions = {},
): Promise<ObjectStorage> {
  const target = readRedisUrl(readStoreUrl(url));
  const module = await loadRedis(options.load);
  return new RedisStorage(new RedisConnection(module, target, options));
}
