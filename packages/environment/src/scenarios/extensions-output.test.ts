import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rogueRuntime, waitFor } from "@lambdad/testkit";
import { languages, startExtensions } from "../testdata/extension-pool.ts";

describe("the output of an extension", () => {
  test("is kept by line, without loss and unmixed, from all at once", async (t) => {
    const agent = { prints: false, start: ["lines 2000"], invoke: ["lines 2000"] } as const;
    const { invoke, output, pool } = await startExtensions(
      t,
      {
        bash: { language: "bash", ...agent },
        node: { language: "node", ...agent },
        python: { language: "python", ...agent },
      },
      { runtime: rogueRuntime("lines", "2000") },
    );
    await invoke({});
    await pool.stop(0);
    const counts = new Map<string, number>();
    for (const { line } of output) counts.set(line, (counts.get(line) ?? 0) + 1);
    const expected = new Map<string, number>();
    for (let index = 0; index < 2000; index += 1) expected.set(`line ${index}\n`, 7);
    assert.deepEqual(counts, expected);
  });

  for (const language of languages) {
    test(`in ${language} is read to its end when it ends`, async (t) => {
      const { invoke, output } = await startExtensions(t, {
        agent: {
          language,
          prints: false,
          start: ["lines 5000", "print the end", "complain cause", "exit 1"],
        },
      });
      assert.equal((await invoke({})).kind, "failed");
      await waitFor(() => output.some(({ line }) => line === "the end\n"));
      assert.equal(output.filter(({ line }) => line.startsWith("line ")).length, 5000);
      await waitFor(() => output.some(({ line }) => line === "cause\n"));
    });

    test(`in ${language} without a newline is cut (RT-21)`, async (t) => {
      const { invoke, output, pool } = await startExtensions(t, {
        agent: { language, prints: false, invoke: ["flood 3000000", "print after"] },
      });
      assert.equal((await invoke({})).kind, "returned");
      await waitFor(() => output.some(({ line }) => line === "after\n"));
      await pool.stop(0);
      const longest = Math.max(...output.map(({ line }) => line.length));
      assert.ok(longest > 200_000 && longest < 263_000, `${longest} bytes`);
    });
  }

  test("is of no invocation, and not in the tail of its log", async (t) => {
    const { invoke, output, open } = await startExtensions(t, {
      agent: ({ wait }) => ({ prints: false, invoke: ["print during", wait("go")] }),
    });
    // The tail has the line REPORT, for which the extension must be back.
    const answer = invoke({}, { logTail: true });
    await waitFor(() => output.some(({ line }) => line === "during\n"));
    open("go");
    const result = await answer;
    assert.equal(output.find(({ line }) => line === "during\n")?.requestId, undefined);
    assert.ok(result.kind === "returned" && result.logTail !== undefined);
    const tail = Buffer.from(result.logTail).toString();
    assert.match(tail, /REPORT RequestId/);
    assert.doesNotMatch(tail, /during/);
  });
});
