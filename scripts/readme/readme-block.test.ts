import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isShown, readmeBlocks } from "./readme-block.ts";

const fence = "```";

function page(comment: string): string {
  return `# x\n\n${comment}\n\n${fence}sh\nnpm start\n${fence}\n\nmore\n`;
}

describe("readmeBlocks()", () => {
  const cases = [
    ["serve checkout", { kind: "serve", inCheckout: true, beside: false, until: undefined }],
    ["serve", { kind: "serve", inCheckout: false, beside: false, until: undefined }],
    [
      "serve beside until it is ready",
      { kind: "serve", inCheckout: false, beside: true, until: "it is ready" },
    ],
    ["run", { kind: "run", inCheckout: false }],
    ["prints", { kind: "prints" }],
    ["file app.mjs", { kind: "file", name: "app.mjs" }],
    ["skip needs Docker", { kind: "skip", reason: "needs Docker" }],
  ] as const;
  for (const [comment, action] of cases) {
    test(`reads '${comment}'`, () => {
      const blocks = readmeBlocks(page(`<!-- test: ${comment} -->`));
      assert.deepEqual(blocks, [{ line: 5, text: "npm start\n", action }]);
    });
  }

  for (const comment of ["", "<!-- test: skip -->", "<!-- test: file ../x -->", "<!-- x -->"]) {
    test(`refuses a block after '${comment}'`, () => {
      assert.throws(() => readmeBlocks(page(comment)), /^TypeError: Cannot test line 5/);
    });
  }
});

describe("isShown()", () => {
  test("compares all of it, but for the ends and for what … stands for", () => {
    assert.equal(isShown("a 12.5 ms\n", "a … ms"), true);
    assert.equal(isShown("a.b", "a.b"), true);
    assert.equal(isShown("axb", "a.b"), false);
    assert.equal(isShown("a\nb", "a"), false);
  });
});
