import { ConfigurationError } from "../client/errors.ts";
import type { MemoryStorageOptions } from "./memory/memory-storage.ts";
import type { ObjectStorage } from "./object-storage.ts";
import { readStoreUrl, type StoreUrl } from "./store-url.ts";

/** A share in a storage. */
export interface AcquiredStorage {
  readonly storage: ObjectStorage;
  /** Gives the share back; the last one closes the storage. */
  readonly release: () => Promise<void>;
}

/** What a client trusts when it speaks TLS to a store. */
export interface StoreTrust {
  /** Certificates in PEM; default: those that Node trusts. */
  readonly ca?: string | undefined;
  /** Default: `true`. */
  readonly rejectUnauthorized?: boolean | undefined;
}

interface SharedStorage {
  readonly opening: Promise<ObjectStorage>;
  shares: number;
}

/** Storages that are open, by their URL and what they trust. */
const shared = new Map<string, SharedStorage>();
/** Stores in memory that have a name; they stay until the process ends. */
const named = new Map<
  string,
  { readonly text: string; readonly storage: Promise<ObjectStorage> }
>();
/** Stores in memory without a name, by whom they belong to and by their options. */
const owned = new WeakMap<object, Map<string, Promise<ObjectStorage>>>();

/**
 * The storage of a URL. Clients with the same URL (and trust, with TLS) share it: connections and locks are there once.
 * @throws ConfigurationError for a URL that is wrong, ConnectionError when it cannot be reached
 */
export async function acquireStorage(
  text: string,
  owner: object,
  trust: StoreTrust = {},
): Promise<AcquiredStorage> {
  const url = readStoreUrl(text);
  if (url.kind === "memory") return { storage: await memoryOf(url, owner), release: nothing };
  const name = sharedName(url, trust);
  let entry = shared.get(name);
  if (entry === undefined) {
    entry = { opening: open(url, trust), shares: 0 };
    shared.set(name, entry);
  }
  entry.shares++;
  const found = entry;
  let released = false;
  const release = async (): Promise<void> => {
    if (released) return;
    released = true;
    found.shares--;
    if (found.shares > 0) return;
    if (shared.get(name) === found) shared.delete(name);
    await (await found.opening).close();
  };
  try {
    return { storage: await entry.opening, release };
  } catch (error) {
    // The next one tries anew.
    if (shared.get(name) === entry) shared.delete(name);
    throw error;
  }
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

/** Who trusts others must not get a connection that they would have refused. */
function sharedName(url: StoreUrl, { ca, rejectUnauthorized }: StoreTrust): string {
  if (url.url.protocol !== "rediss:") return url.text;
  return JSON.stringify([url.text, ca, rejectUnauthorized]);
}

async function open(url: StoreUrl, trust: StoreTrust): Promise<ObjectStorage> {
  if (url.kind === "file") {
    const { openFileStorage } = await import("./file/open-file-storage.ts");
    return openFileStorage(url.text);
  }
  const { openRedisStorage } = await import("./redis/open-redis-storage.ts");
  return openRedisStorage(url.text, trust);
}

function memoryOf(url: StoreUrl, owner: object): Promise<ObjectStorage> {
  if (url.name === "") {
    let stores = owned.get(owner);
    if (stores === undefined) owned.set(owner, (stores = new Map()));
    let storage = stores.get(url.text);
    if (storage === undefined) stores.set(url.text, (storage = openMemory(url)));
    return storage;
  }
  let found = named.get(url.name);
  if (found === undefined) {
    found = { text: url.text, storage: openMemory(url) };
    named.set(url.name, found);
  }
  if (found.text !== url.text) {
    throw new ConfigurationError(
      `Cannot use the endpoint "${url.text}": the store is open as "${found.text}" with other options; use the same for both`,
    );
  }
  return found.storage;
}

/** @throws ConfigurationError before anything is kept, so that the next one may have other options. */
function openMemory(url: StoreUrl): Promise<ObjectStorage> {
  const ttl = url.number("ttl");
  const options = { ttlMs: ttl && ttl * 1000, maxBytes: url.number("maxBytes") };
  url.refuseOthers(["ttl", "maxBytes"]);
  return newMemory(url.text, options);
}

async function newMemory(text: string, options: MemoryStorageOptions): Promise<ObjectStorage> {
  const { MemoryStorage } = await import("./memory/memory-storage.ts");
  return new MemoryStorage(text, options);
}
