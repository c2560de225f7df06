import type { BodySource } from "./body-source.ts";
import { OneShotSource } from "./one-shot-source.ts";

/** The source of a web stream; it is cancelled when it is not read to its end. */
export function webStreamSource(stream: ReadableStream<unknown>): BodySource {
  let reader: ReadableStreamDefaultReader<unknown> | undefined;
  return new OneShotSource({
    iterate() {
      const opened = stream.getReader();
      reader = opened;
      return { next: () => opened.read() as Promise<IteratorResult<unknown>> };
    },
    cancel() {
      // A stream that has failed rejects this with its error, which the iteration has reported.
      (reader ?? stream).cancel().catch(() => {});
    },
    origin: stream,
  });
}
