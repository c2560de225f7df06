import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ClientOptions, Session } from "@lambdad/aws";
import { storeContract } from "./all-cases.ts";
import type { Place, StoreCase } from "./store-case.ts";

/** A place for objects that the contract is checked on. */
export interface StoreUnderTest {
  /** `memory:`, `versitygw`: names its table of differences. */
  readonly name: string;
  /** Speaks S3's protocol. */
  readonly isServer: boolean;
  /** What the session needs to reach it. */
  readonly options: ClientOptions & { readonly endpoint: string };
}

/** Where a store is known to differ from S3, by the name of the case, with the reason. */
export type StoreDifferences = Readonly<Record<string, string>>;

const caseMsMax = 60_000;

/**
 * Runs the contract on a store. A case that is known to differ must fail: one that passes fails the
 * suite, so that the table stays true. `contract`: other cases than those of all stores.
 */
export function testObjectStore(
  open: () => StoreUnderTest,
  name: string,
  differences: StoreDifferences,
  contract: Readonly<Record<string, readonly StoreCase[]>> = storeContract,
): void {
  const known = new Set(Object.values(contract).flatMap((cases) => cases.map((one) => one.name)));
  test(`${name}: the differences are of cases that there are, each of which has a name of its own`, () => {
    for (const one of Object.keys(differences)) assert.ok(known.has(one), one);
    const count = Object.values(contract).reduce((sum, cases) => sum + cases.length, 0);
    assert.equal(known.size, count);
  });
  for (const [topic, cases] of Object.entries(contract)) {
    describe(`${name}: ${topic}`, () => {
      for (const one of cases) {
        test(one.name, { timeout: caseMsMax }, async (t) => {
          const store = open();
          if (one.only === "stores" && store.isServer) return t.skip("a behaviour of stores alone");
          await runCase(one, store, differences[one.name]);
        });
      }
    });
  }
}

async function runCase(one: StoreCase, store: StoreUnderTest, difference?: string): Promise<void> {
  const failure = await inPlace(store, one.run);
  if (difference === undefined && failure !== undefined) throw failure;
  assert.ok(difference === undefined || failure !== undefined, `no difference: ${difference}`);
}

let made = 0;

function newName(): string {
  made += 1;
  return `contract-${process.pid}-${made}`;
}

/** Runs it in a bucket of its own; resolves to what it threw. */
export async function inPlace(
  { options, isServer }: StoreUnderTest,
  run: (place: Place) => Promise<void>,
): Promise<Error | undefined> {
  const session = new Session({ region: "us-east-1", ...options });
  const bucket = newName();
  try {
    const s3 = session.client("s3");
    await s3.createBucket({ Bucket: bucket });
    await run({ s3, session, endpoint: options.endpoint, isServer, bucket, newName });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await session.close();
  }
}
