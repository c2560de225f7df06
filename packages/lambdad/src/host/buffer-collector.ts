import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Invoker, Layer } from "@lambdad/core";

/** Payloads smaller than this are not counted: V8 collects those in time, in bytes. */
const largeBytes = 65_536;
/** So many bytes of large payloads may be garbage before they are collected. */
const garbageBytesMax = 12 * 1024 * 1024;
/** After this time without a large payload the rest is collected, in milliseconds. */
const quietMs = 200;

type Collect = (options: { readonly type: "minor" | "major" }) => void;

/**
 * Frees the buffers of large payloads soon after their use.
 *
 * A payload of 6 MiB is a hundred buffers outside of V8's heap, and a few small objects in it, so V8
 * sees little reason to collect: with eight of them in flight the daemon held 200 MB, half of it
 * garbage, and kept it while idle. Collecting the young generation after every 12 MiB, which takes a
 * millisecond, and everything once it is quiet, keeps it near 150 MB (measured: `benchmarks`,
 * scenario `memory`).
 */
export class BufferCollector {
  #collect: Collect | undefined;
  #garbageBytes = 0;
  #quietTimer: NodeJS.Timeout | undefined;

  readonly layer: Layer = (next: Invoker): Invoker => ({
    // Not an async function: that would hold the invocation, and so its event, until the end.
    invoke: (invocation, signal) => {
      const eventBytes = invocation.payload.byteLength;
      return next.invoke(invocation, signal).then((result) => {
        const responseBytes = result.kind === "streamed" ? 0 : result.payload.byteLength;
        if (eventBytes + responseBytes > largeBytes) this.#used(eventBytes + responseBytes);
        return result;
      });
    },
  });

  #used(bytes: number): void {
    this.#garbageBytes += bytes;
    if (this.#quietTimer === undefined) {
      this.#quietTimer = setTimeout(() => this.#quiet(), quietMs).unref();
    } else {
      this.#quietTimer.refresh();
    }
    if (this.#garbageBytes < garbageBytesMax) return;
    this.#garbageBytes = 0;
    this.#run("minor");
  }

  #quiet(): void {
    this.#garbageBytes = 0;
    this.#quietTimer = undefined;
    this.#run("major");
  }

  #run(type: "minor" | "major"): void {
    this.#collect ??= exposedCollector();
    this.#collect({ type });
  }
}

/** V8's collector, which a running process can only reach through a context made after the flag. */
function exposedCollector(): Collect {
  setFlagsFromString("--expose-gc");
  const collect: Collect = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  return collect;
}
