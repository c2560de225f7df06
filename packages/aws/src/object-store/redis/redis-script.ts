import { crypto } from "../../builtin/crypto.ts";
import type { RedisArgument, RedisClient, RedisReply, ReplyOptions } from "./load-redis.ts";

/** A script that Redis runs at one moment. It is sent once, and then called by its hash. */
export class RedisScript {
  readonly text: string;
  #hash: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** Hex SHA-1: its name in Redis. */
  get hash(): string {
    this.#hash ??= crypto.createHash("sha1").update(this.text).digest("hex");
    return this.#hash;
  }
}

/**
 * Runs a script. A Redis that does not know it, or no longer, gets it.
 * @param args the number of keys, the keys, the arguments
 */
export async function runScript(
  client: RedisClient,
  script: RedisScript,
  args: readonly RedisArgument[],
  options?: ReplyOptions,
): Promise<RedisReply> {
  try {
    return await client.sendCommand(["EVALSHA", script.hash, ...args], options);
  } catch (error) {
    if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
    return await client.sendCommand(["EVAL", script.text, ...args], options);
  }
}
