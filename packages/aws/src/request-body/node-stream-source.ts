import type { BodySource } from "./body-source.ts";
import { takenError } from "./chunk-bytes.ts";
import { OneShotSource } from "./one-shot-source.ts";

/** What is used of a Node stream. */
interface NodeStream extends AsyncIterable<unknown> {
  on(event: "error", listener: (error: Error) => void): unknown;
  pipe: unknown;
  readonly readableEnded?: boolean;
  destroy?(): unknown;
}

/** Whether a value is a readable Node stream. */
export function isNodeStream(value: object): value is NodeStream {
  return (
    "pipe" in value &&
    typeof value.pipe === "function" &&
    "on" in value &&
    typeof value.on === "function" &&
    Symbol.asyncIterator in value
  );
}

/**
 * The source of a Node stream; it is destroyed when it is not read to its end.
 *
 * @throws TypeError for a stream that has ended, which would silently give an empty body.
 */
export function nodeStreamSource(stream: NodeStream): BodySource {
  if (stream.readableEnded === true) throw takenError();
  // An error before the first byte is asked for would end the process; the iteration reports it.
  stream.on("error", () => {});
  return new OneShotSource({
    iterate: () => stream[Symbol.asyncIterator](),
    cancel: () => void stream.destroy?.(),
    origin: stream,
  });
}
