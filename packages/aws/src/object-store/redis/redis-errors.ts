import {
  AwsClientError,
  ConfigurationError,
  ConnectionError,
  TimeoutError,
} from "../../client/errors.ts";
import { StoreFailure, type StoreErrorCode } from "../store-errors.ts";
import type { RedisTarget } from "./redis-url.ts";

/** What a call was doing when it failed. */
export type RedisTask = "connect" | "read" | "write";

const unknownOutcome = "; whether the write took place is not known";

/** Codes that Redis begins its errors with, in what S3 says for them, with what to do. */
const refusals: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  OOM: ["ServiceUnavailable", 'it is full ("maxmemory"); nothing was written'],
  READONLY: ["ServiceUnavailable", "it is a read-only replica; give the primary's address"],
  MISCONF: ["ServiceUnavailable", "it takes no writes, because it cannot save its data to disk"],
  LOADING: ["ServiceUnavailable", "it has just started and is loading its data"],
  BUSY: ["ServiceUnavailable", "it is busy with somebody's script"],
  MASTERDOWN: ["ServiceUnavailable", "it is a replica without a primary"],
  NOREPLICAS: ["ServiceUnavailable", "it has fewer replicas than it needs for a write"],
  NOAUTH: ["AccessDenied", 'it wants a password; give it as in "redis://user:password@host"'],
  WRONGPASS: ["AccessDenied", "user or password are wrong, or the user is switched off"],
  NOPERM: ["AccessDenied", "the user may not do that"],
  WRONGTYPE: ["InternalError", "a key of the store has a value of another kind, made by others"],
};
const refusalForm = new RegExp(`\\b(${Object.keys(refusals).join("|")})\\b`);
const clusterForm = /\b(?:MOVED|ASK|CLUSTERDOWN|CROSSSLOT)\b|non local key in a cluster/;

/** What goes wrong with Redis, as an error of the client's. Its own errors stay as they are. */
export function redisError(error: unknown, target: RedisTarget, task: RedisTask): Error {
  if (error instanceof AwsClientError || error instanceof StoreFailure) return error;
  const cause = error as Error & { readonly code?: string };
  const subject = task === "connect" ? "Cannot connect to" : `Cannot ${task} in`;
  const where = `${subject} the store "${target.shown}"`;
  if (isReply(cause)) return replyError(cause, where);
  const { host, port } = target;
  const { code, reason } = lostConnection(cause, task);
  const outcome = task === "write" ? unknownOutcome : "";
  return new ConnectionError(`${where}: ${reason}${outcome}`, { code, host, port, cause });
}

/** Redis has answered: the connection is well. */
export function isReply(error: Error): boolean {
  // Every error of the protocol is one text that begins with a code in capitals.
  return /^[A-Z]{2,}\d* ?/.test(error.message) && !("code" in error);
}

/** Nothing came back in the time there is. */
export function silentError(target: RedisTarget, task: RedisTask, ms: number): TimeoutError {
  const outcome = task === "write" ? unknownOutcome : "";
  const message = `The store "${target.shown}" did not answer within ${ms} ms${outcome}`;
  return new TimeoutError(message, "attemptTimeout", ms);
}

function replyError(cause: Error, where: string): Error {
  const { message } = cause;
  if (clusterForm.test(message)) {
    const reason = "it is a Redis Cluster, which this store cannot use; give a single Redis";
    return new ConfigurationError(`${where}: ${reason} (${message})`, { cause });
  }
  const code = refusalForm.exec(message)?.[1];
  const [name, reason] = (code !== undefined && refusals[code]) || [
    "InternalError" as const,
    "Redis refuses",
  ];
  return new StoreFailure(name, { message: `${where}: ${reason} (${message})`, cause });
}

function lostConnection(
  cause: Error & { readonly code?: string },
  task: RedisTask,
): { readonly code: string; readonly reason: string } {
  // Of several addresses, all of which failed.
  const [first] = (cause as { errors?: readonly (Error & { code?: string })[] }).errors ?? [];
  const code = cause.code ?? first?.code;
  const message = cause.message || (first?.message ?? code ?? "");
  if (task !== "connect") {
    const reason = `the connection was lost (${message})`;
    return { code: code ?? "ECONNRESET", reason };
  }
  const isSlow = /timeout/i.test(message);
  return { code: code ?? (isSlow ? "ETIMEDOUT" : "ECONNRESET"), reason: message };
}
