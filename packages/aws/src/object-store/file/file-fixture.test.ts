// A store in a folder of the test's own, and short forms of its calls.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type {
  ListPosition,
  ObjectRecord,
  ReadOptions,
  StoredObject,
  WriteCondition,
  WriteOutcome,
} from "../object-storage.ts";
import { FileStorage } from "./file-storage.ts";

/** A store under test. */
export class StoreFixture {
  readonly folder: string;
  readonly storage: FileStorage;

  constructor(folder: string, fsync = false) {
    this.folder = folder;
    this.storage = new FileStorage(`file://${folder}`, folder, fsync);
  }

  /** Path in the bucket. */
  path(...names: readonly string[]): string {
    return join(this.folder, "b", ...names);
  }

  async put(key: string, text: string, condition: WriteCondition = {}): Promise<WriteOutcome> {
    const bytes = this.storage.stageBytes(Buffer.from(text));
    return this.storage.write("b", key, recordOf(text), bytes, condition);
  }

  async read(key: string, options: Partial<ReadOptions> = {}): Promise<StoredObject | string> {
    return this.storage.read("b", key, { body: "whole", streamAbove: Infinity, ...options });
  }

  /** Text of an object, or why there is none. */
  async text(key: string): Promise<string> {
    const found = await this.read(key);
    return typeof found === "string" ? found : (found.body as Buffer).toString();
  }

  async list(position: Partial<ListPosition> = {}): Promise<readonly string[]> {
    const listed = await this.storage.list("b", { prefix: "", limit: 1000, ...position });
    return typeof listed === "string" ? [listed] : listed.map(({ key }) => key);
  }

  /** What writers have left behind. */
  leftovers(): readonly string[] {
    return [
      ...readdirSync(join(this.folder, ".lambdad/tmp")),
      ...readdirSync(join(this.folder, ".lambdad/locks")),
    ];
  }
}

/** A store with the bucket `b`. */
export async function newStore(t: TestContext, fsync = false): Promise<StoreFixture> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "file-store-")));
  const store = new StoreFixture(join(folder, "store"), fsync);
  t.after(async () => {
    await store.storage.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await store.storage.createBucket("b", 1_700_000_000_123);
  return store;
}

/** The ETag of a text. */
export function etagOf(text: string): string {
  return `"${createHash("md5").update(text).digest("hex")}"`;
}

/** What is kept of an object; its metadata tells its text. */
export function recordOf(text: string): ObjectRecord {
  return {
    size: Buffer.byteLength(text),
    etag: etagOf(text),
    modified: 1_700_000_000_000,
    details: { headers: { ContentType: "text/plain" }, metadata: { text: etagOf(text) } },
    tags: [],
  };
}
