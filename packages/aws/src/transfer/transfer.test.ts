import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { AbortError } from "../client/errors.ts";
import { Transfer } from "./transfer.ts";
import type { TransferContext, TransferProgress } from "./transfer-types.ts";

/** Work that ends only when it is aborted. */
function untilAborted({ signal }: TransferContext): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
}

test("Transfer is a promise of its result, alone and in Promise.all", async () => {
  const transfer = new Transfer(async () => 7, { key: "k" });
  assert.equal(await transfer, 7);
  assert.deepEqual(await Promise.all([transfer, Promise.resolve(1)]), [7, 1]);
  assert.equal(await transfer.then((value) => value + 1), 8);
  let settled = 0;
  await transfer.finally(() => settled++);
  assert.equal(settled, 1);
  const failing = new Transfer(() => Promise.reject(new Error("no")), { key: "k" });
  assert.equal(await failing.catch((error: unknown) => (error as Error).message), "no");
});

test("Transfer reports progress that counts all parts and goes down when one begins again", async () => {
  const seen: TransferProgress[] = [];
  const transfer = new Transfer(
    async ({ progress }) => {
      progress.total = 30;
      progress.add(10, 1);
      progress.add(5, 2);
      progress.restart(1);
      progress.restart(1);
      progress.add(0, 1);
      progress.add(20, 1);
      return progress.loaded;
    },
    { key: "k", onProgress: (progress) => void seen.push(progress) },
  );
  const others: number[] = [];
  const remove = transfer.on("progress", ({ loaded }) => {
    others.push(loaded);
    if (loaded === 15) remove();
  });
  assert.equal(await transfer, 25);
  assert.deepEqual(others, [10, 15]);
  assert.deepEqual(seen, [
    { loaded: 10, total: 30, part: 1, key: "k" },
    { loaded: 15, total: 30, part: 2, key: "k" },
    { loaded: 5, total: 30, part: 1, key: "k" },
    { loaded: 25, total: 30, part: 1, key: "k" },
  ]);
});

test("Transfer.abort ends the work and rejects with an AbortError whose cause is the reason", async () => {
  const transfer = new Transfer(untilAborted, { key: "k" });
  const reason = new Error("enough");
  transfer.abort(reason);
  await assert.rejects(transfer, (error) => error instanceof AbortError && error.cause === reason);
  transfer.abort("no effect");
});

test("Transfer takes the echo of its own signal for what it is", async () => {
  const transfer = new Transfer(
    (context) =>
      untilAborted(context).catch((error: unknown) => Promise.reject(new AbortError(error))),
    { key: "k" },
  );
  transfer.abort("enough");
  await assert.rejects(
    transfer,
    (error) => error instanceof AbortError && error.cause === "enough",
  );
});

test("Transfer follows the signal of its options, also one that is aborted already", async () => {
  const controller = new AbortController();
  const transfer = new Transfer(untilAborted, { key: "k", signal: controller.signal });
  const failed = assert.rejects(transfer, (error) => (error as Error).cause === "late");
  controller.abort("late");
  await failed;
  const late = new Transfer(untilAborted, { key: "k", signal: AbortSignal.abort("before") });
  await assert.rejects(late, (error) => (error as Error).cause === "before");
});

test("Transfer ends with the error that a listener throws", async () => {
  const error = new Error("in the listener");
  const transfer = new Transfer(
    async (context) => {
      context.progress.add(1);
      return await untilAborted(context);
    },
    {
      key: "k",
      onProgress() {
        throw error;
      },
    },
  );
  await assert.rejects(transfer, (thrown) => thrown === error);
});

test("Transfer refuses other events, listeners and signals", async () => {
  const transfer = new Transfer(async () => 1, { key: "k" });
  assert.throws(() => transfer.on("end" as "progress", () => {}), /Cannot listen to "end"/);
  assert.throws(() => transfer.on("progress", 1 as never), /type number: give a function/);
  const odd = new Transfer(async () => 1, { key: "k", signal: 1 as never });
  await assert.rejects(odd, /option "signal" of type number: give an AbortSignal/);
});

test("Transfer that fails unwatched is reported; one that was aborted is not", () => {
  const { href } = new URL("./transfer.ts", import.meta.url);
  const program = `
    const { Transfer } = await import(${JSON.stringify(href)});
    process.on("unhandledRejection", (error) => console.log(error.message));
    const aborted = new Transfer(({ signal }) => new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    }), { key: "k" });
    setImmediate(() => aborted.abort());
    new Transfer(() => Promise.reject(new Error("nobody looks")), { key: "k" });
  `;
  const options = ["--conditions=@lambdad/source", "--input-type=module", "-e", program];
  const { stdout } = spawnSync(process.execPath, options, { encoding: "utf8", timeout: 30_000 });
  assert.equal(stdout, "nobody looks\n");
});

test("Transfer disposed of while it runs is aborted, and waited for", async () => {
  let cleaned = false;
  {
    await using transfer = new Transfer(
      async (context) => {
        try {
          return await untilAborted(context);
        } finally {
          await new Promise((resolve) => setImmediate(resolve));
          cleaned = true;
        }
      },
      { key: "k" },
    );
    assert.ok(transfer instanceof Transfer);
  }
  assert.ok(cleaned);
  const left = new Transfer(
    async (context) => {
      const error: Error = await untilAborted(context).catch((reason: Error) => reason);
      throw Object.assign(error, { abortError: new Error("left behind") });
    },
    { key: "k" },
  );
  await assert.rejects(left[Symbol.asyncDispose](), AbortError);
});

test("Transfer rejects with what a listener throws at its last bytes", async () => {
  const failure = new Error("The listener failed");
  const transfer = new Transfer(
    async ({ progress }) => {
      progress.add(1);
      return 7;
    },
    {
      key: "k",
      onProgress() {
        throw failure;
      },
    },
  );
  await assert.rejects(transfer, failure);
});
