import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Handler } from "../load-handler.ts";
import { answersLater } from "./answers-later.ts";

interface Context {
  readonly done: (error?: unknown, result?: unknown) => void;
  readonly succeed: (result?: unknown) => void;
}

function later(work: () => void): void {
  setTimeout(work, 1);
}

describe("answersLater()", () => {
  const cases: readonly (readonly [string, unknown, boolean])[] = [
    ["no parameters", () => undefined, false],
    ["the event", (_event: unknown) => undefined, false],
    ["event and context", (_event: unknown, _context: Context) => undefined, false],
    [
      "a callback",
      (_event: unknown, _context: Context, callback: () => void) => later(callback),
      true,
    ],
    [
      "context.done",
      (_event: unknown, context: Context) => later(() => context.done(null, 1)),
      true,
    ],
    [
      "$ctx.succeed",
      // oxlint-disable-next-line unicorn/consistent-function-scoping -- a case like the others
      function handler(_event: unknown, $ctx: Context) {
        later(() => $ctx.succeed(1));
      },
      true,
    ],
    [
      "the same method of something else",
      (_event: unknown, context: { readonly log: Context }) => context.log.done(),
      false,
    ],
    [
      "another variable of such a name",
      (myContext: Context, context: unknown) => [myContext.done, context],
      false,
    ],
  ];
  for (const [what, handler, expected] of cases) {
    test(`says ${expected} for a handler with ${what}`, () => {
      assert.equal(answersLater(handler as Handler), expected);
    });
  }
});
