import assert from "node:assert/strict";
import { test } from "node:test";
import { AbortError, type ServiceError } from "../../client/errors.ts";
import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import { UnprocessedError } from "./batch-errors.ts";
import { batchGet, type PartialItems } from "./batch-get.ts";
import { serviceError } from "./batch-writes-fixture.test.ts";

type RequestItems = Record<string, { readonly Keys: { readonly id: number }[] }>;
type Answer = (items: RequestItems, request: number) => object;

const clock = { random: () => 1, wait: () => Promise.resolve() };

function clientOf(answer: Answer): { client: DynamoDBNativeClient; requests: RequestItems[] } {
  const requests: RequestItems[] = [];
  const call = async (_operation: string, { RequestItems }: { RequestItems: RequestItems }) => {
    requests.push(RequestItems);
    return answer(RequestItems, requests.length - 1);
  };
  return { client: { call } as unknown as DynamoDBNativeClient, requests };
}

const found: Answer = (items) => ({
  Responses: Object.fromEntries(
    Object.entries(items).map(([table, { Keys }]) => [
      table,
      Keys.map(({ id }) => ({ id, table })),
    ]),
  ),
});

/** Answers for a few keys of each table, and leaves the others. */
const few: Answer = (items) => {
  const left = Object.entries(items).map(([table, { Keys }]) => [table, { Keys: Keys.slice(30) }]);
  const kept = Object.entries(items).map(
    ([table, { Keys }]) => [table, { Keys: Keys.slice(0, 30) }] as const,
  );
  return {
    ...found(Object.fromEntries(kept), 0),
    UnprocessedKeys: structuredClone(
      Object.fromEntries(
        left.filter(([, each]) => (each as { Keys: [] }).Keys.length > 0),
      ) as object,
    ),
  };
};

const keys = (count: number): { id: number }[] =>
  Array.from({ length: count }, (_, id) => ({ id }));

test("batchGet() asks for 100 keys in a request, over several tables, each key once", async () => {
  const { client, requests } = clientOf(found);
  const Keys = [...keys(130), ...keys(130)];
  const items = await batchGet(client, { one: { Keys }, other: { Keys: keys(120) } });
  assert.equal(items["one"]?.length, 130);
  assert.equal(items["other"]?.length, 120);
  const sizes = requests.map((each) =>
    Object.values(each).reduce((sum, { Keys: own }) => sum + own.length, 0),
  );
  assert.deepEqual(sizes, [100, 100, 50]);
});

test("batchGet() asks again for what was left, until it has all (CL-14)", async () => {
  const { client } = clientOf(few);
  const items = await batchGet(
    client,
    { one: { Keys: keys(250) }, other: { Keys: keys(40) } },
    {},
    clock,
  );
  const ids = (items["one"] ?? []).map(({ id }) => id as number).sort((a, b) => a - b);
  assert.deepEqual(
    ids,
    keys(250).map(({ id }) => id),
  );
  assert.equal(items["other"]?.length, 40);
});

test("batchGet() reports what is left in the end, and what was found (CL-14)", async () => {
  const { client, requests } = clientOf((items, request) =>
    request === 0 ? found(items, 0) : { UnprocessedKeys: structuredClone(items) },
  );
  const options = { maxAttempts: 3, concurrency: 1 };
  await assert.rejects(batchGet(client, { one: { Keys: keys(120) } }, options, clock), (error) => {
    assert.ok(error instanceof UnprocessedError);
    const { items, unprocessedKeys } = error as UnprocessedError & PartialItems;
    assert.equal(items["one"]?.length, 100);
    assert.deepEqual(unprocessedKeys, { one: keys(120).slice(100) });
    return true;
  });
  assert.equal(requests.length, 4);
});

test("batchGet() goes on after throttling, and passes other errors on", async () => {
  const slow = serviceError("ThrottlingException", "Too fast", true);
  const { client } = clientOf((items, request) => {
    if (request < 2) throw slow;
    return found(items, request);
  });
  const items = await batchGet(client, { one: { Keys: keys(3) } }, {}, clock);
  assert.equal(items["one"]?.length, 3);
  const denied = serviceError("AccessDeniedException", "No");
  const refusing = clientOf(() => {
    throw denied;
  });
  await assert.rejects(batchGet(refusing.client, { one: { Keys: keys(3) } }), (error) => {
    assert.equal(error, denied);
    const { unprocessedKeys } = error as ServiceError & PartialItems;
    assert.deepEqual(unprocessedKeys, { one: keys(3) });
    return true;
  });
  assert.equal(refusing.requests.length, 1);
});

test("batchGet() ends with its signal between requests", async () => {
  const aborter = new AbortController();
  const { client } = clientOf((items) => {
    aborter.abort();
    return { UnprocessedKeys: items };
  });
  const call = batchGet(client, { one: { Keys: keys(3) } }, { signal: aborter.signal }, clock);
  await assert.rejects(call, AbortError);
});

test("batchGet() of no keys makes no request; options that cannot be are refused", async () => {
  const { client, requests } = clientOf(found);
  assert.deepEqual(await batchGet(client, { one: { Keys: [] } }), { one: [] });
  for (const options of [{ concurrency: 0 }, { maxAttempts: 0 }, { maxBackoff: 0.5 }]) {
    await assert.rejects(batchGet(client, {}, options), RangeError);
  }
  assert.equal(requests.length, 0);
});

const noWait = (): Promise<void> => assert.fail("it waited");
const text = "x".repeat(400 * 1024 - 100);
for (const [what, value] of Object.entries({
  text,
  bytes: Buffer.from(text),
  "a map, a list and a set": { [text.slice(200_000)]: [new Set([text.slice(209_500)]), null, 5] },
})) {
  test(`batchGet() asks at once for what had no room in an answer: items of ${what}`, async () => {
    const { client, requests } = clientOf((items) => {
      const { Keys = [] } = items["t"] ?? {};
      return {
        Responses: { t: Keys.slice(0, 40).map(({ id }) => ({ id, value })) },
        UnprocessedKeys: Keys.length > 40 ? { t: { Keys: Keys.slice(40) } } : {},
      };
    });
    const items = await batchGet(client, { t: { Keys: keys(100) } }, {}, { wait: noWait });
    assert.equal(items["t"]?.length, 100);
    assert.equal(requests.length, 3);
  });
}
