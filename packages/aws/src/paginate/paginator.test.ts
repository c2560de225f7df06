import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PaginateOptions, Paginator } from "../client/client-types.ts";
import { PaginationError } from "../client/errors.ts";
import type { PaginatorModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { paginate } from "./paginator.ts";

const MODEL: PaginatorModel = {
  inputTokens: ["Token"],
  outputTokens: ["NextToken"],
  limitKey: "MaxItems",
  resultKeys: ["Items", "Names", "Text", "Count", "Inner"],
};

interface ServiceSetting {
  readonly model?: PaginatorModel;
  readonly input?: Input;
  readonly limitIsText?: boolean;
}

/** A service that gives the pages in turn and the inputs that it got. */
function service(
  pages: readonly (Output | Error)[],
  options: PaginateOptions = {},
  { model = MODEL, input = {}, limitIsText = false }: ServiceSetting = {},
): { run: Paginator<Output>; inputs: Input[]; signals: (AbortSignal | undefined)[] } {
  const inputs: Input[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const operation = {
    name: "ListThings",
    model,
    limitIsText,
    call: async (given: Input, { signal }: PaginateOptions): Promise<Output> => {
      const page = pages[inputs.length];
      inputs.push(given);
      signals.push(signal);
      if (page instanceof Error) throw page;
      return structuredClone(page ?? assert.fail("no such page"));
    },
  };
  return { run: paginate(operation, input, options), inputs, signals };
}

async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

const THREE: readonly Output[] = [
  { Items: [1, 2], NextToken: "a" },
  { Items: [3, 4], NextToken: "b" },
  { Items: [5, 6] },
];

describe("paginate()", () => {
  test("moves the token until there is none, and leaves the input as it is", async () => {
    const input = Object.freeze({ Bucket: "b" });
    const { run, inputs } = service(THREE, {}, { input });
    assert.deepEqual(inputs, []);
    assert.deepEqual(await collect(run), THREE);
    assert.deepEqual(inputs, [
      { Bucket: "b" },
      { Bucket: "b", Token: "a" },
      { Bucket: "b", Token: "b" },
    ]);
    assert.equal(run.resumeToken, undefined);
  });

  test("copies the input: what changes later does not count", async () => {
    const input: Record<string, unknown> = { Bucket: "b" };
    const { run, inputs } = service(THREE, {}, { input });
    input["Bucket"] = "other";
    await collect(run);
    assert.deepEqual(
      inputs.map(({ Bucket }) => Bucket),
      ["b", "b", "b"],
    );
  });

  test("each iteration begins anew", async () => {
    const { run } = service([...THREE, ...THREE]);
    assert.equal((await collect(run)).length, 3);
    assert.equal((await collect(run)).length, 3);
  });

  for (const end of ["", null, undefined, false, 0, {}]) {
    test(`the token ${JSON.stringify(end)} ends it`, async () => {
      assert.equal((await collect(service([{ Items: [], NextToken: end }]).run)).length, 1);
    });
  }

  test("an empty page in the middle does not end it", async () => {
    const pages = [{ Items: [], NextToken: "a" }, { NextToken: "b" }, { Items: [1] }];
    assert.deepEqual(await service(pages).run.all(), [1]);
  });

  test("several tokens move together, and those that are absent go", async () => {
    const model = {
      ...MODEL,
      inputTokens: ["Key", "Version"],
      outputTokens: ["NextKey", "NextVersion"],
      moreResults: "IsTruncated",
    };
    const pages = [
      { Items: [1], IsTruncated: true, NextKey: "k1", NextVersion: "v1" },
      { Items: [2], IsTruncated: true, NextKey: "k2" },
      { Items: [3], IsTruncated: false, NextKey: "k3", NextVersion: "v3" },
    ];
    const { run, inputs } = service(pages, {}, { model });
    assert.deepEqual(await run.all(), [1, 2, 3]);
    assert.deepEqual(inputs, [{}, { Key: "k1", Version: "v1" }, { Key: "k2" }]);
  });

  test("more_results decides first, and tokens that are absent still end it", async () => {
    const model = { ...MODEL, moreResults: "Inner.More" };
    const pages = [{ Items: [1], Inner: { More: true } }];
    assert.deepEqual(await service(pages, {}, { model }).run.all(), [1]);
  });

  test("a token can stand in the last item", async () => {
    const model = { ...MODEL, outputTokens: ["NextMarker || Items[-1].Key"], moreResults: "More" };
    const pages = [
      { Items: [{ Key: "a" }, { Key: "b" }], More: true },
      { Items: [{ Key: "c" }], NextMarker: "m", More: true },
      { Items: [{ Key: "d" }], More: false },
    ];
    const { run, inputs } = service(pages, {}, { model });
    await collect(run);
    assert.deepEqual(
      inputs.map(({ Token }) => Token),
      [undefined, "b", "m"],
    );
  });

  test("a token can be an object", async () => {
    const pages = [{ Items: [1], NextToken: { id: { S: "x" } } }, { Items: [2] }];
    const { run, inputs } = service(pages);
    await collect(run);
    assert.deepEqual(inputs[1], { Token: { id: { S: "x" } } });
  });

  test("the same token twice in a row is an error, after the page", async () => {
    for (const token of ["a", { id: { S: "x" } }]) {
      for (const prefetch of [0, 1] as const) {
        const page = { Items: [1], NextToken: token };
        const { run, inputs } = service([page, page, page], { prefetch });
        const seen: unknown[] = [];
        await assert.rejects(
          async () => {
            for await (const each of run) seen.push(each);
          },
          (error) =>
            error instanceof PaginationError &&
            error.message ===
              'Cannot paginate ListThings: the service gave the same "Token" twice in a row',
        );
        assert.equal(seen.length, 2);
        assert.equal(inputs.length, 2);
      }
    }
  });

  test("a failed page ends it with the page's error", async () => {
    const { run } = service([THREE[0] ?? {}, new Error("throttled")]);
    await assert.rejects(collect(run), /throttled/);
  });
});

describe("paginate() pageSize", () => {
  test("sets the model's limit, as text where the model says so", async () => {
    const { run, inputs } = service([{}], { pageSize: 5 }, { input: { MaxItems: 1 } });
    await collect(run);
    assert.deepEqual(inputs, [{ MaxItems: 5 }]);
    const text = service([{}], { pageSize: 5 }, { limitIsText: true });
    await collect(text.run);
    assert.deepEqual(text.inputs, [{ MaxItems: "5" }]);
  });

  test("is refused where there is no limit", () => {
    const model = { ...MODEL, limitKey: undefined };
    assert.throws(
      () => service([], { pageSize: 5 }, { model }),
      /it has no limit that "pageSize" could set/,
    );
  });

  for (const [name, value] of [
    ["pageSize", 0],
    ["pageSize", 1.5],
    ["limit", -1],
    ["limit", Number.NaN],
    ["limit", 0],
  ] as const) {
    test(`${name} ${value} is refused`, () => {
      assert.throws(
        () => service([], { [name]: value }),
        /^RangeError: .* is no whole number above 0$/,
      );
    });
  }
});

describe("paginate() items() and all()", () => {
  test("items() gives the items of the first result key, or of another expression", async () => {
    const pages = [
      { Items: [1], Names: ["x"], Inner: { List: [{ id: 7 }] }, NextToken: "a" },
      { Items: [2], Names: ["y", "z"] },
    ];
    assert.deepEqual(await collect(service(pages).run.items()), [1, 2]);
    assert.deepEqual(await collect(service(pages).run.items("Names")), ["x", "y", "z"]);
    assert.deepEqual(await collect(service(pages).run.items("Inner.List[].id")), [7]);
    assert.deepEqual(await service(pages).run.all(), [1, 2]);
  });

  test("items() of a map are its entries, and of a text the text", async () => {
    const pages = [{ Items: { a: 1 }, NextToken: "a" }, { Items: "log lines" }];
    assert.deepEqual(await service(pages).run.all(), [["a", 1], "log lines"]);
  });

  test("items() asks for no page that is not needed", async () => {
    const { run, inputs } = service(THREE);
    for await (const item of run.items()) if (item === 2) break;
    assert.equal(inputs.length, 1);
  });
});

describe("paginate() limit and resumeToken", () => {
  for (let limit = 1; limit <= 7; limit += 1) {
    test(`limit ${limit}: the runs together give every item once`, async () => {
      const source = [[1, 2, 3], [], [4], [5, 6]];
      const call = async ({ Token = 0 }: Input): Promise<Output> => {
        const at = Number(Token);
        const next = at + 1 < source.length ? String(at + 1) : undefined;
        return { Items: [...(source[at] ?? [])], Names: ["n"], Count: 3, NextToken: next };
      };
      const items: unknown[] = [];
      let startingToken: string | undefined;
      let runs = 0;
      do {
        const run = paginate({ name: "x", model: MODEL, call }, {}, { limit, startingToken });
        const some = await run.all();
        assert.ok(some.length <= limit);
        items.push(...some);
        startingToken = run.resumeToken;
        runs += 1;
        assert.ok(runs < 10);
      } while (startingToken !== undefined);
      assert.deepEqual(items, [1, 2, 3, 4, 5, 6]);
    });
  }

  test("cuts the page, and resumes in it without what stood beside it", async () => {
    const page = {
      Items: [1, 2, 3],
      Names: ["x"],
      Text: "t",
      Count: 3,
      Inner: { a: 1 },
      Other: "o",
    };
    const first = service([THREE[0] ?? {}, page], { limit: 3 });
    const pages = await collect(first.run);
    assert.deepEqual(pages[1], { ...page, Items: [1] });
    const startingToken = first.run.resumeToken ?? assert.fail();
    const second = service([page], { startingToken });
    assert.deepEqual(await collect(second.run), [
      { Items: [2, 3], Names: [], Text: "", Count: 3, Other: "o" },
    ]);
    assert.deepEqual(second.inputs, [{ Token: "a" }]);
  });

  test("a token of the input is kept in the resume token", async () => {
    const first = service([{ Items: [1, 2] }], { limit: 1 }, { input: { Token: "given" } });
    await collect(first.run);
    const startingToken = first.run.resumeToken ?? assert.fail();
    const second = service([{ Items: [1, 2] }], { startingToken }, { input: { Token: "other" } });
    assert.deepEqual(await second.run.all(), [2]);
    assert.deepEqual(second.inputs, [{ Token: "given" }]);
  });

  test("at the border of pages it resumes with the next page", async () => {
    const { run, inputs } = service(THREE, { limit: 2 });
    await collect(run);
    assert.equal(inputs.length, 1);
    const next = service([THREE[1] ?? {}, THREE[2] ?? {}], { startingToken: run.resumeToken });
    assert.deepEqual(await next.run.all(), [3, 4, 5, 6]);
    assert.deepEqual(next.inputs[0], { Token: "a" });
  });

  test("there is no resume token when the items were just enough", async () => {
    const { run } = service([{ Items: [1, 2] }], { limit: 2 });
    await collect(run);
    assert.equal(run.resumeToken, undefined);
  });

  test("cuts items that lie deeper", async () => {
    const model = { ...MODEL, resultKeys: ["Outer.List"] };
    const { run } = service([{ Outer: { List: [1, 2, 3], Id: 5 } }], { limit: 2 }, { model });
    assert.deepEqual(await collect(run), [{ Outer: { List: [1, 2], Id: 5 } }]);
  });

  test("a service's own token can start it", async () => {
    const { run, inputs } = service([{ Items: [1] }], { startingToken: "from a page" });
    await collect(run);
    assert.deepEqual(inputs, [{ Token: "from a page" }]);
  });
});

describe("paginate() startingToken", () => {
  test("is none when it is empty: nothing is sent", async () => {
    const { run, inputs } = service([{ Items: [1] }], { startingToken: "" });
    await collect(run);
    assert.deepEqual(inputs, [{}]);
  });
});

describe("paginate() prefetch and abort", () => {
  test("asks for the next page while this one is used, and no further", async () => {
    const { run, inputs } = service(THREE, { prefetch: 1 });
    const seen: number[] = [];
    for await (const page of run) {
      assert.ok(page["Items"]);
      seen.push(inputs.length);
    }
    assert.deepEqual(seen, [2, 3, 3]);
  });

  test("does not ask ahead of a limit", async () => {
    const { run, inputs } = service(THREE, { prefetch: 1, limit: 2 });
    await collect(run);
    assert.equal(inputs.length, 1);
  });

  test("who leaves early aborts what was asked for ahead, and its failure is nobody's", async () => {
    const { run, signals } = service([THREE[0] ?? {}, new Error("late")], { prefetch: 1 });
    for await (const page of run) {
      assert.ok(page["Items"]);
      break;
    }
    assert.equal(signals[1]?.aborted, true);
    await new Promise((resolve) => setImmediate(resolve));
  });

  for (const prefetch of [0, 1] as const) {
    test(`an abort reaches the call under way, prefetch ${prefetch}`, async () => {
      const controller = new AbortController();
      let calls = 0;
      const call = async (_: Input, { signal }: PaginateOptions): Promise<Output> => {
        calls += 1;
        if (calls === 1) return { Items: [1], NextToken: "a" };
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        throw signal?.reason;
      };
      const { signal } = controller;
      const run = paginate({ name: "x", model: MODEL, call }, {}, { prefetch, signal });
      const reason = new Error("enough");
      await assert.rejects(async () => {
        for await (const page of run) {
          assert.deepEqual(page["Items"], [1]);
          setImmediate(() => controller.abort(reason));
        }
      }, reason);
      assert.equal(calls, 2);
    });
  }

  test("a signal that has aborted is the next call's, prefetch or not", async () => {
    for (const prefetch of [0, 1] as const) {
      const { run, signals } = service(THREE, { prefetch, signal: AbortSignal.abort() });
      await collect(run);
      assert.deepEqual(
        signals.map((signal) => signal?.aborted),
        [true, true, true],
      );
    }
  });
});
