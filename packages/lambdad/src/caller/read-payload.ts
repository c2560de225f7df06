import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { PayloadSource } from "../cli/command.ts";
import { quoted } from "../configuration/quoted.ts";
import { UsageError } from "./usage-error.ts";

/** More than any function takes: a payload that goes on for ever ends here. */
const payloadBytesMax = 64 * 1024 * 1024;

/**
 * Reads the payload of a call. When nothing was said, what is piped to standard input is sent, and
 * from a terminal nothing.
 *
 * @throws {UsageError} with the file and the reason.
 */
export async function readPayload(
  source: PayloadSource,
  stdin: Readable & { readonly isTTY?: boolean },
  signal: AbortSignal,
): Promise<Uint8Array> {
  switch (source.kind) {
    case "text":
      return Buffer.from(source.text);
    case "size":
      return payloadOfSize(source.bytes);
    case "file":
      return readPayloadFile(source.path, signal);
    case "standardInput":
      return readStream(stdin, signal);
    case "none":
      return stdin.isTTY === true ? Buffer.alloc(0) : readStream(stdin, signal);
    default:
      return source satisfies never;
  }
}

/** JSON text of exactly so many bytes: a string, or what is shorter than a string can be. */
function payloadOfSize(bytes: number): Uint8Array {
  if (bytes === 0) return Buffer.alloc(0);
  if (bytes === 1) return Buffer.from("0");
  return Buffer.from(`"${"a".repeat(bytes - 2)}"`);
}

async function readPayloadFile(path: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readFile(path, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new UsageError(`Cannot read payload ${quoted(path)}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function readStream(stdin: Readable, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  const stop = (): void => {
    stdin.destroy(new Error("aborted"));
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of stdin) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
      chunks.push(bytes);
      byteLength += bytes.byteLength;
      if (byteLength > payloadBytesMax) {
        throw new UsageError(
          `Cannot read payload from standard input: it has more than ${payloadBytesMax} bytes`,
        );
      }
    }
  } catch (error) {
    if (signal.aborted || error instanceof UsageError) throw error;
    const message = `Cannot read payload from standard input: ${reasonOf(error)}`;
    throw new UsageError(message, { cause: error });
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks);
}

const reasons: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "no such file"],
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a folder"],
]);

/** Why a file or stream could not be read. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return reasons.get(code) ?? error.message;
}
