import { parseFunctionName } from "@lambdad/core";
import { readCredentials } from "../configuration/read-amqp-options.ts";
import { quoted } from "../configuration/quoted.ts";
import { isGiven, type OptionSource, readOptions } from "../configuration/read-options.ts";
import { benchOptions, callBrokerOptions, invokeOptions, targetOptions } from "./caller-options.ts";
import type {
  BenchCommand,
  CallBroker,
  CallTarget,
  InvokeCommand,
  PayloadSource,
} from "./command.ts";

/** `lambdad invoke [options] FUNCTION [PAYLOAD]`. Adds what is wrong to `problems`. */
export function parseInvoke(
  source: OptionSource,
  words: readonly string[],
  problems: string[],
): InvokeCommand {
  const [functionName, payload, ...more] = words;
  rejectWords(more, "the payload (quote a payload that has spaces)", problems);
  const { type, log, clientContext, ...many } = readOptions(invokeOptions, source, problems);
  const isBatch = many.batch !== undefined;
  const target = readTarget(functionName, payload, { source, problems, isBatch });
  if (isBatch) rejectWithBatch(target, log, problems);
  for (const flag of ["concurrency", "keep-going"]) {
    if (!isBatch && source.flags.has(flag)) {
      problems.push(`--${flag} needs --batch`);
    }
  }
  if (type !== "RequestResponse" && log) problems.push("--log needs --type RequestResponse");
  if (type === "Event" && target.stream) problems.push("--stream cannot be used with --type Event");
  if (type === "Event" && target.broker?.profile === "compat") {
    problems.push(
      "--type Event with --amqp-uri needs --queue-profile durable or quorum: a queue of the profile compat loses its messages with its last host, and with the broker",
    );
  }
  const { batch: path, concurrency, keepGoing } = many;
  const batch = path === undefined ? undefined : { path, concurrency, keepGoing };
  return { kind: "invoke", ...target, type, log, clientContext, batch };
}

/** What a batch cannot be given: its file says it, call by call, or it is for one call only. */
function rejectWithBatch(target: CallTarget, log: boolean, problems: string[]): void {
  if (target.payload.kind !== "none") {
    problems.push(
      "--batch and a payload cannot be given together: the file has a payload in each line",
    );
  }
  if (target.stream) problems.push("--stream cannot be used with --batch");
  if (log) problems.push("--log cannot be used with --batch");
  if (target.broker !== undefined) {
    problems.push("--batch goes over HTTP: --amqp-uri cannot be used");
  }
}

/** `lambdad bench [options] FUNCTION`. Adds what is wrong to `problems`. */
export function parseBench(
  source: OptionSource,
  words: readonly string[],
  problems: string[],
): BenchCommand {
  const [functionName, ...more] = words;
  rejectWords(more, "the function (the payload is an option: --payload)", problems);
  const bench = readOptions(benchOptions, source, problems);
  const { flags } = source;
  if (flags.has("payload") && flags.has("payload-file")) {
    problems.push("--payload and --payload-file cannot be given together");
  }
  if (flags.has("payload-size") && (flags.has("payload") || flags.has("payload-file"))) {
    problems.push("--payload-size cannot be given together with another payload");
  }
  if (bench.duration !== undefined && bench.count !== undefined) {
    problems.push("--duration and --count cannot be given together");
  }
  const given = isGiven(targetOptions.options.payloadFile, source) ? undefined : bench.payload;
  const target = readTarget(functionName, given, { source, problems });
  const { callers, payloadSize, json, count, duration = 10_000 } = bench;
  return {
    kind: "bench",
    ...target,
    payload: payloadSize === undefined ? target.payload : { kind: "size", bytes: payloadSize },
    callers,
    until:
      count === undefined ? { kind: "duration", durationMs: duration } : { kind: "count", count },
    json,
  };
}

interface Reading {
  readonly source: OptionSource;
  readonly problems: string[];
  /** The function may be named elsewhere. */
  readonly isBatch?: boolean;
}

function readTarget(
  functionName: string | undefined,
  payload: string | undefined,
  { source, problems, isBatch = false }: Reading,
): CallTarget {
  if (!isBatch && (functionName === undefined || functionName === "")) {
    problems.push("FUNCTION is missing: give the name or the ARN of a function");
  }
  const target = readOptions(targetOptions, source, problems);
  if (payload !== undefined && target.payloadFile !== undefined) {
    problems.push("PAYLOAD and --payload-file cannot be given together");
  }
  const broker = readBroker({ source, problems });
  if (broker !== undefined) {
    if (target.qualifier !== undefined) {
      problems.push("--qualifier cannot be used with --amqp-uri: a queue has one version");
    }
    if (hasQualifier(functionName ?? "")) {
      problems.push("FUNCTION cannot have a qualifier with --amqp-uri: a queue has one version");
    }
  }
  return {
    functionName: functionName ?? "",
    endpointUrl: target.endpointUrl.replace(/\/+$/, ""),
    broker,
    qualifier: target.qualifier,
    payload: payloadSource(payload, target.payloadFile),
    stream: target.stream,
    timeoutMs: target.timeout,
  };
}

function hasQualifier(functionName: string): boolean {
  try {
    const { qualifier } = parseFunctionName(functionName);
    return qualifier !== undefined && qualifier !== "$LATEST";
  } catch {
    // No name of a function: a queue may have it all the same.
    return false;
  }
}

function readBroker({ source, problems }: Reading): CallBroker | undefined {
  const { uri, profile, ...user } = readOptions(callBrokerOptions, source, problems);
  if (uri === undefined) {
    if (source.flags.has("queue-profile")) problems.push("--queue-profile needs --amqp-uri");
    return undefined;
  }
  if (source.flags.has("endpoint-url")) {
    problems.push("--amqp-uri and --endpoint-url cannot be given together");
  }
  return { uri, credentials: readCredentials(user, problems), profile };
}

/** `@FILE` cannot be confused with a payload: no JSON text starts with `@`. */
function payloadSource(text: string | undefined, file: string | undefined): PayloadSource {
  if (file === "-" || text === "-") return { kind: "standardInput" };
  if (file !== undefined) return { kind: "file", path: file };
  if (text === undefined) return { kind: "none" };
  if (text.startsWith("@") && text.length > 1) return { kind: "file", path: text.slice(1) };
  return { kind: "text", text };
}

function rejectWords(words: readonly string[], after: string, problems: string[]): void {
  for (const word of words) problems.push(`Unexpected argument ${quoted(word)} after ${after}`);
}
