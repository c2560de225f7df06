import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { parallelPages } from "./parallel-scan.ts";

interface Page {
  Items?: object[];
}

/** Segments whose pages are counted as they are asked for. */
function segmentsOf(pages: number, fails?: (segment: number, page: number) => boolean) {
  const state = { asked: 0, used: 0, mostAhead: 0, ended: 0, aborted: 0 };
  const start = async function* (
    segment: number,
    options: { readonly signal?: AbortSignal | undefined },
  ): AsyncGenerator<Page> {
    try {
      for (let page = 0; page < pages; page++) {
        state.asked += 1;
        state.mostAhead = Math.max(state.mostAhead, state.asked - state.used);
        for (let count = segment; count >= 0; count--) await turn();
        if (options.signal?.aborted === true) state.aborted += 1;
        if (fails?.(segment, page) === true) throw new Error(`segment ${segment}`);
        yield {
          Items: [
            { segment, page },
            { segment, page },
          ],
        };
      }
    } finally {
      state.ended += 1;
    }
  };
  return { state, start };
}

test("parallelPages() gives the pages of all segments, one ahead for each", async () => {
  const { state, start } = segmentsOf(20);
  const seen = new Set<string>();
  for await (const { Items } of parallelPages<Page>(4, {}, start)) {
    state.used += 1;
    seen.add(JSON.stringify(Items));
    await turn();
  }
  assert.equal(seen.size, 80);
  // One of each that waits, and the one that is in use.
  assert.ok(state.mostAhead <= 5, String(state.mostAhead));
  assert.equal(state.ended, 4);
});

test("parallelPages() ends all segments when it is left", async () => {
  const { state, start } = segmentsOf(1000);
  for await (const _ of parallelPages<Page>(3, {}, start)) if (++state.used === 5) break;
  assert.equal(state.ended, 3);
  assert.ok(state.aborted > 0, "requests under way are aborted");
});

test("parallelPages() fails with the first segment that fails, and ends the others", async () => {
  const { state, start } = segmentsOf(1000, (segment, page) => segment === 1 && page === 2);
  const pages = parallelPages<Page>(3, {}, start);
  await assert.rejects(async () => {
    for await (const _ of pages) state.used += 1;
  }, /segment 1/);
  assert.equal(state.ended, 3);
});

test("parallelPages() gives as many items as its limit", async () => {
  const { start } = segmentsOf(100);
  let count = 0;
  for await (const { Items } of parallelPages<Page>(3, { limit: 7 }, start)) {
    count += Items?.length ?? 0;
  }
  assert.equal(count, 7);
});

test("parallelPages() cannot resume, and does not start when it is aborted", async () => {
  const { state, start } = segmentsOf(1);
  const resumed = parallelPages<Page>(2, { startingToken: "page1.x" }, start);
  await assert.rejects(resumed.next(), { name: "TypeError", message: /startingToken/ });
  const aborted = parallelPages<Page>(2, { signal: AbortSignal.abort() }, start);
  await assert.rejects(aborted.next(), { name: "AbortError" });
  assert.equal(state.asked, 0);
});
