import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import type { ResponseBody } from "../client/response-body.ts";
import { CountingStorage, engineOf } from "./store-engine-fixture.test.ts";
import { StoreFailure } from "./store-errors.ts";
import { StoredBodyStream } from "./stored-body-stream.ts";

const Bucket = "notes";
const object = { Bucket, Key: "k" };

async function open() {
  const storage = new CountingStorage();
  const engine = engineOf(storage);
  await engine.call("CreateBucket", { Bucket });
  await engine.call("PutObject", { ...object, Body: "text" });
  const controller = new AbortController();
  const output = await engine.call("GetObject", object, { signal: controller.signal });
  return { storage, engine, controller, body: output["Body"] as ResponseBody };
}

describe("CL-16: a body that a store gives piece by piece", () => {
  test("is ended by its call's signal while it is read", async () => {
    const { storage, controller, body } = await open();
    const iterator = body[Symbol.asyncIterator]();
    assert.equal((await iterator.next()).value?.toString(), "text");
    controller.abort(new Error("enough"));
    await assert.rejects(iterator.next(), { name: "AbortError", cause: new Error("enough") });
    assert.equal((await iterator.next()).done, true);
    assert.equal(storage.streams, 0);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });

  test("is ended before anybody reads it, and closed", async () => {
    const { storage, controller, body } = await open();
    controller.abort();
    assert.equal(storage.streams, 0);
    await assert.rejects(body.text(), { name: "AbortError" });
  });

  test("is ended with its client, when that is destroyed", async () => {
    const { storage, engine, body } = await open();
    engine.destroy(new Error("destroyed"));
    await assert.rejects(body.bytes(), /destroyed/);
    assert.equal(storage.streams, 0);
  });

  test("can be read when its client is closed", async () => {
    const { engine, body } = await open();
    await engine.close();
    assert.equal(await body.text(), "text");
  });

  const ways: Readonly<Record<string, (body: ResponseBody) => unknown>> = {
    "read to its end": (body) => body.bytes(),
    cancelled: (body) => body.cancel(),
    left: async (body) => {
      for await (const _ of body) break;
    },
  };
  for (const [what, way] of Object.entries(ways)) {
    test(`leaves nothing at the signal when it is ${what}`, async () => {
      const { storage, controller, body } = await open();
      assert.equal(getEventListeners(controller.signal, "abort").length, 1);
      await way(body);
      assert.equal(getEventListeners(controller.signal, "abort").length, 0);
      assert.equal(storage.streams, 0);
    });
  }
});

test("StoredBodyStream shows a failure of the store as the service's error", async () => {
  const stream = new StoredBodyStream({
    length: 9,
    // oxlint-disable-next-line require-yield -- it fails before its first piece
    async *read() {
      throw new StoreFailure("InternalError", { message: "The file is shorter" });
    },
    release: () => undefined,
  });
  const refusal = { name: "InternalError", code: "InternalError", message: "The file is shorter" };
  await assert.rejects(stream.next(), refusal);
  assert.equal(stream.hasEnded, true);
});
