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

/**
 * Sends commands that Redis runs together, at one moment.
 * @returns their answers, in their order; errors are among them
 */
export async function runTogether(
  client: RedisClient,
  commands: readonly (readonly RedisArgument[])[],
  options?: ReplyOptions,
): Promise<readonly (RedisReply | Error)[]> {
  // The package sends what is given to it in one turn in its order, with nothing of others in between.
  const sent = [client.sendCommand(["MULTI"])];
  for (const command of commands) sent.push(client.sendCommand(command));
  sent.push(client.sendCommand(["EXEC"], options));
  const replies = await Promise.all(sent);
  return replies.at(-1) as readonly (RedisReply | Error)[];
}
