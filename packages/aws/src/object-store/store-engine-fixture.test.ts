import { Observation } from "../client/observation.ts";
import type { ClientConfiguration } from "../configuration/client-configuration.ts";
import { loadModel } from "../model/load-model.ts";
import { MemoryStorage } from "./memory/memory-storage.ts";
import type {
  ReadOptions,
  StagedBody,
  StoredObject,
  StoredStream,
  WriteCondition,
  WriteOutcome,
} from "./object-storage.ts";
import { StoreEngine } from "./store-engine.ts";

/** An engine over a storage. */
export function engineOf(
  storage: MemoryStorage,
  release: () => Promise<void> = async () => undefined,
): StoreEngine {
  return new StoreEngine({
    service: loadModel("s3"),
    config: { validate: true, bufferBodyBelow: 1024 } as unknown as ClientConfiguration,
    compileOptions: { generateCode: false, newToken: () => "" },
    observer: new Observation({}),
    storage,
    release,
  });
}

/**
 * A store that gives every body as a stream and counts what it holds for others: streams that are open,
 * and bodies that are neither written nor given back.
 */
export class CountingStorage extends MemoryStorage {
  streams = 0;
  readonly staged: Set<StagedBody> = new Set();
  /** What `stage` fails with before it asks for the first piece. */
  full: Error | undefined;
  /** `stage` takes every error for its own. */
  wrapsErrors = false;
  /** Called before a write is made. */
  onWrite: (() => void) | undefined;

  constructor() {
    super("memory:counting");
  }

  override read(
    bucket: string,
    key: string,
    options: ReadOptions,
  ): StoredObject | "no-bucket" | "no-key" {
    const object = super.read(bucket, key, options);
    if (typeof object === "string" || !Buffer.isBuffer(object.body)) return object;
    return { ...object, body: this.#streamOf(object.body) };
  }

  override async stage(pieces: AsyncIterable<Uint8Array>): Promise<StagedBody> {
    if (this.full !== undefined) throw this.full;
    const body = await super.stage(pieces).catch((error: unknown) => {
      throw this.wrapsErrors ? new Error("Cannot take in a body", { cause: error }) : error;
    });
    this.staged.add(body);
    return body;
  }

  override stageBytes(bytes: Uint8Array): StagedBody {
    const body = super.stageBytes(bytes);
    this.staged.add(body);
    return body;
  }

  override discard(body?: StagedBody): void {
    if (body !== undefined) this.staged.delete(body);
  }

  override write(
    bucket: string,
    key: string,
    record: Parameters<MemoryStorage["write"]>[2],
    body: StagedBody,
    condition: WriteCondition,
  ): WriteOutcome {
    this.staged.delete(body);
    this.onWrite?.();
    return super.write(bucket, key, record, body, condition);
  }

  override writePart(...given: Parameters<MemoryStorage["writePart"]>): "done" | "no-upload" {
    this.staged.delete(given[4]);
    return super.writePart(...given);
  }

  #streamOf(bytes: Buffer): StoredStream {
    this.streams++;
    let isOpen = true;
    let isRead = false;
    const close = (): void => {
      if (isOpen) this.streams--;
      isOpen = false;
    };
    return {
      length: bytes.length,
      async *read() {
        isRead = true;
        try {
          yield bytes;
        } finally {
          close();
        }
      },
      release: () => {
        if (!isRead) close();
      },
    };
  }
}
