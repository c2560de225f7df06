import assert from "node:assert/strict";
import type { Profiler } from "node:inspector";
import { describe, test } from "node:test";
import { hotFunctionsOf } from "./hot-functions.ts";
import { renderProfileTable } from "./profile-table.ts";

const isFunction = (name: string) => !name.startsWith("(");

/** `[id, function, children]`; the samples are `[node, microseconds until the next one]`. */
function profileOf(
  nodes: readonly (readonly [number, string, number[]])[],
  samples: readonly (readonly [number, number])[],
): Profiler.Profile {
  return {
    nodes: nodes.map(([id, functionName, children]) => ({
      id,
      children,
      callFrame: {
        functionName,
        scriptId: "1",
        url: isFunction(functionName) ? "file:///srv/app/handlers/app.mjs" : "",
        lineNumber: isFunction(functionName) ? 2 : -1,
        columnNumber: 0,
      },
    })),
    startTime: 1000,
    samples: samples.map(([node]) => node),
    timeDeltas: [0, ...samples.slice(0, -1).map(([, us]) => us)],
    endTime: 1000 + samples.reduce((sum, [, us]) => sum + us, 0),
  };
}

const profile = profileOf(
  [
    [1, "(root)", [2, 3, 7]],
    [2, "(idle)", []],
    [3, "handler", [4, 6]],
    [4, "walk", [5]],
    [5, "walk", []],
    [6, "", []],
    [7, "(garbage collector)", []],
  ],
  [
    [3, 100],
    [4, 200],
    [5, 400],
    [2, 5000],
    [6, 250],
    [7, 50],
  ],
);

describe("hotFunctionsOf()", () => {
  test("adds up self and total time, and counts recursion once", () => {
    const { functions, sampledUs, busyUs } = hotFunctionsOf([profile]);
    assert.deepEqual([sampledUs, busyUs], [6000, 1000]);
    assert.deepEqual(
      functions.map(({ name, selfUs, totalUs }) => [name, selfUs, totalUs]),
      [
        ["walk", 600, 600],
        ["(anonymous)", 250, 250],
        ["handler", 100, 950],
        ["(garbage collector)", 50, 50],
      ],
    );
    assert.deepEqual([functions[0]?.line, functions[3]?.line], [3, 0]);
  });

  test("adds up the profiles of several threads", () => {
    const { functions, busyUs } = hotFunctionsOf([profile, profile]);
    assert.deepEqual([functions[0]?.selfUs, busyUs], [1200, 2000]);
  });

  test("takes a profile without samples", () => {
    assert.deepEqual(hotFunctionsOf([profileOf([[1, "(root)", []]], [])]), {
      functions: [],
      sampledUs: 0,
      busyUs: 0,
    });
  });

  test("takes a call tree as deep as V8's stack", () => {
    const deep = 12_000;
    const nodes = Array.from({ length: deep }, (_, index) => {
      const children = index + 1 < deep ? [index + 2] : [];
      return [index + 1, index === 0 ? "(root)" : "down", children] as const;
    });
    const { functions } = hotFunctionsOf([profileOf(nodes, [[deep, 7]])]);
    assert.deepEqual(
      functions.map(({ selfUs, totalUs }) => [selfUs, totalUs]),
      [[7, 7]],
    );
  });
});

describe("renderProfileTable()", () => {
  test("prints shares of the busy time, with the paths below the folder", () => {
    assert.equal(
      renderProfileTable([profile], "/srv/app"),
      [
        "CPU profile: 0.0 s, 16.7 % busy",
        "   Self    Total  Function             File",
        " 60.0 %   60.0 %  walk                 handlers/app.mjs:3",
        " 25.0 %   25.0 %  (anonymous)          handlers/app.mjs:3",
        " 10.0 %   95.0 %  handler              handlers/app.mjs:3",
        "  5.0 %    5.0 %  (garbage collector)",
        "",
      ].join("\n"),
    );
  });

  test("prints whole paths elsewhere, and the number of threads", () => {
    const table = renderProfileTable([profile, profile], "/srv/other");
    assert.match(table, /^CPU profile: 0.0 s of 2 threads, /);
    assert.match(table, / walk +\/srv\/app\/handlers\/app\.mjs:3\n/);
  });

  test("prints the title of a profile without samples", () => {
    assert.equal(
      renderProfileTable([profileOf([[1, "(root)", []]], [])]),
      "CPU profile: 0.0 s, 0.0 % busy\n",
    );
  });
});
