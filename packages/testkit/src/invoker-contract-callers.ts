import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { failedError, returnedBytes, stillWorks } from "./invoker-contract-answers.ts";
import type { InvokerSuite } from "./invoker-contract.ts";
import { waitFor } from "./wait-for.ts";

const callers = 64;

/** A file that functions write to, and one that lets them go on. */
function journal(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "invoker-"));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, "journal");
  const until = join(folder, "go-on");
  return {
    file,
    until,
    read: (): string => (existsSync(file) ? readFileSync(file, "utf8") : ""),
    release: (): void => {
      writeFileSync(until, "");
    },
  };
}

/** Several callers at once, and callers that leave. */
export function testInvokerCallers(suite: InvokerSuite): void {
  testConcurrency(suite);
  testLeaving(suite);
}

function testConcurrency(suite: InvokerSuite): void {
  test(`invoke() gives each of ${callers} callers its own answer (INV-5)`, async (t) => {
    const { invoke } = await suite.begin(t);
    const wanted = Array.from({ length: callers }, (_, index) =>
      `${index}:`.repeat(1 + ((index * 977) % 3000)),
    );
    const results = await Promise.all(wanted.map((value) => invoke({ do: "echo", value })));
    for (const [index, result] of results.entries()) {
      assert.equal(returnedBytes(result).toString(), JSON.stringify(wanted[index]));
    }
  });

  test("invoke() keeps failures to the caller that they belong to (INV-5)", async (t) => {
    const { invoke } = await suite.begin(t);
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        index % 3 === 0
          ? invoke({ do: "fail", type: `Error${index}`, message: `m${index}` })
          : invoke({ do: "echo", value: index }),
      ),
    );
    for (const [index, result] of results.entries()) {
      if (index % 3 === 0) assert.equal(failedError(result).errorType, `Error${index}`);
      else assert.equal(returnedBytes(result).toString(), String(index));
    }
  });
}

function testLeaving(suite: InvokerSuite): void {
  test("invoke() starts nothing for a caller that has gone already (HT-1)", async (t) => {
    const started = await suite.begin(t);
    const { file, read } = journal(t);
    const reason = new Error("gone");
    const event = { do: "hold", file, tag: "unwanted" } as const;
    const signal = AbortSignal.abort(reason);
    await assert.rejects(
      started.fixture.invoker.invoke(started.invocation(event), signal),
      (error) => error === reason,
    );
    await stillWorks(started);
    assert.equal(read(), "");
  });

  test("invoke() gives up an invocation that waits when its caller goes (HT-1, INV-3)", async (t) => {
    const started = await suite.begin(t);
    const { concurrency, invoker } = started.fixture;
    if (concurrency === undefined) return t.skip("nothing waits in this invoker");
    const { file, until, read, release } = journal(t);
    const running = Array.from({ length: concurrency }, (_, index) =>
      started.invoke({ do: "hold", file, until, tag: `holder${index}` }),
    );
    await waitFor(() => read().split("started").length - 1 === concurrency);
    const caller = new AbortController();
    const reason = new Error("gone");
    const event = { do: "hold", file, tag: "unwanted" } as const;
    const waiting = invoker.invoke(started.invocation(event), caller.signal);
    const outcome = assert.rejects(waiting, (error) => error === reason);
    caller.abort(reason);
    await outcome;
    release();
    await Promise.all(running);
    await stillWorks(started);
    if (suite.can("recall")) assert.ok(!read().includes("unwanted"), read());
  });

  test("invoke() lets a started invocation run to its end when its caller goes (HT-2)", async (t) => {
    const started = await suite.begin(t);
    const { file, until, read, release } = journal(t);
    const caller = new AbortController();
    const event = { do: "hold", file, until, tag: "abandoned" } as const;
    const result = started.fixture.invoker.invoke(started.invocation(event), caller.signal);
    // Whether the caller still gets the result is the invoker's affair.
    const settled = result.then(
      () => {},
      () => {},
    );
    await waitFor(() => read().includes("started abandoned"));
    caller.abort(new Error("gone"));
    release();
    await waitFor(() => read().includes("ended abandoned"));
    await settled;
    await stillWorks(started);
    assert.equal(read(), "started abandoned\nended abandoned\n");
  });
}
