import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backEnds } from "./shapes-fixture.test.ts";
import { compileDocumentReader } from "./xml-reader.ts";
import { modelledValue } from "./xml-values-fixture.test.ts";
import { compileXmlMembersDocument } from "./xml-writer.ts";

for (const [backEnd, options] of backEnds) {
  test(`compileDocumentReader() with ${backEnd} reads what compileXmlMembersDocument() wrote`, () => {
    fc.assert(
      fc.property(modelledValue, ({ shape, value }) => {
        const root = { name: "Root", namespace: { uri: "http://x" } };
        const write = compileXmlMembersDocument(shape.members, root, options.newToken);
        const read = compileDocumentReader(shape, shape.members, options);
        assert.deepEqual(read(Buffer.from(write(value) ?? "")), { ...value });
      }),
      { numRuns: 500 },
    );
  });
}
