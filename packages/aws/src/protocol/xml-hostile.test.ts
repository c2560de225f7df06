import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ResponseParseError } from "../client/errors.ts";
import { ec2Query } from "./ec2-protocol.ts";
import type { Output } from "./protocol.ts";
import { awsQuery } from "./query-protocol.ts";
import { restXml } from "./rest-xml-protocol.ts";
import {
  backEnds,
  list,
  member,
  operation,
  scalar,
  service,
  string,
  structure,
} from "./shapes-fixture.test.ts";
import { compileDocumentReader } from "./xml-reader.ts";
import { xmlDepthMax } from "./xml-scanner.ts";
import { modelledValue } from "./xml-values-fixture.test.ts";
import { compileXmlMembersDocument } from "./xml-writer.ts";

/** What a reader made of a body: its output, or the message of its refusal. */
function outcome(read: (body: Buffer) => Output, body: Buffer): unknown {
  try {
    return read(body);
  } catch (error) {
    assert.ok(error instanceof ResponseParseError, String(error));
    return error.message;
  }
}

/** Cuts, repeats and replaces pieces of a document. */
const mutations = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(20),
    bytes: fc.oneof(
      fc
        .constantFrom(
          "<",
          ">",
          "/",
          "&",
          "'",
          '"',
          "=",
          "<!--",
          "-->",
          "<![CDATA[",
          "]]>",
          "<?",
          "&#",
          "&lt;",
          ":",
          "<a>",
          "<a/>",
          "\r",
        )
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    ),
  }),
  { maxLength: 4 },
);

function mutated(
  body: Buffer,
  changes: typeof mutations extends fc.Arbitrary<infer T> ? T : never,
): Buffer {
  let bytes = body;
  for (const { at, length, bytes: piece } of changes) {
    const start = Math.floor(at * bytes.length);
    bytes = Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(start + length)]);
  }
  return bytes;
}

test("CL-19 compileDocumentReader() gives an output or a ResponseParseError for broken XML, the same on both back ends", () => {
  fc.assert(
    fc.property(modelledValue, mutations, ({ shape, value }, changes) => {
      const write = compileXmlMembersDocument(
        shape.members,
        { name: "Root", namespace: undefined },
        () => "",
      );
      const body = mutated(Buffer.from(write(value) ?? "<Root/>"), changes);
      const [generated, closures] = backEnds.map(([, options]) =>
        outcome(compileDocumentReader(shape, shape.members, options), body),
      );
      assert.deepEqual(generated, closures);
    }),
    { numRuns: 1000 },
  );
});

const tree = structure("Tree", []);
(tree.members as unknown[]).push(
  member("Text", string),
  member("Number", scalar("long")),
  member("Next", tree),
  member("All", list(string)),
);

for (const [name, protocol] of Object.entries({ restXml, awsQuery, ec2Query })) {
  test(`CL-19 ${name}() reads any bytes as an output, an error, or a ResponseParseError`, () => {
    const codec = protocol(service(), operation({ output: tree }), backEnds[0]![1]);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 200, max: 599 }),
        (bytes, status) => {
          const response = { status, headers: [], body: Buffer.from(bytes) };
          outcome(() => codec.parse(response), response.body);
          assert.equal(codec.parseError(response).code, String(status));
        },
      ),
      { numRuns: 300 },
    );
  });
}

const many = 200_000;

/** Name, body, what is said; `undefined`: it is read. */
const hostile: readonly (readonly [string, string, RegExp | undefined])[] = [
  ["elements within elements that the model knows", "<Next>".repeat(many), /nest deeper/],
  ["elements within elements that it does not know", "<Tree>".repeat(many), /nest deeper/],
  ["elements within text", `<Tree><Text>${"<a>".repeat(many)}`, /nest deeper/],
  [
    "entities that expand",
    '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Tree><Text>&b;</Text></Tree>',
    /declaration/,
  ],
  ["an external entity", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><Tree/>', /declaration/],
  ["comments without end", `<Tree>${"<!-- ".repeat(many)}`, /ends within/],
  ["pieces of text", `<Tree><Text>${"é<!-- -->".repeat(many)}</Text></Tree>`, undefined],
  ["references", `<Tree><Text>${"&lt;é".repeat(many)}</Text></Tree>`, undefined],
  ["attributes", `<Tree ${'a="b" '.repeat(many)}><Text>a</Text></Tree>`, undefined],
  ["an attribute without end", `<Tree ${"a='".repeat(many + 1)}`, /ends before/],
  ["unknown elements", `<Tree>${"<a/>".repeat(many)}</Tree>`, undefined],
  ["items", `<Tree><All>${"<a/>".repeat(many)}</All></Tree>`, undefined],
  ["digits", `<Tree><Number>${"9".repeat(many)}</Number></Tree>`, /too long/],
  ["NUL", "<Tree><Text>\0</Text><a\0b/></Tree>", undefined],
];

function deep(depth: number): Buffer {
  return Buffer.from(`${"<Next>".repeat(depth)}${"</Next>".repeat(depth)}`);
}

for (const [backEnd, options] of backEnds) {
  for (const [name, body, message] of hostile) {
    test(
      `CL-19 compileDocumentReader() with ${backEnd} bounds ${name}`,
      { timeout: 20_000 },
      () => {
        const read = compileDocumentReader(tree, tree.members, options);
        const result = outcome(read, Buffer.from(body));
        if (message === undefined) assert.equal(typeof result, "object");
        else assert.match(String(result), message);
      },
    );
  }

  test(`compileDocumentReader() with ${backEnd} reads elements that nest as deep as is allowed`, () => {
    const read = compileDocumentReader(tree, tree.members, options);
    assert.ok(read(deep(xmlDepthMax)));
    assert.throws(() => read(deep(xmlDepthMax + 1)), ResponseParseError);
  });
}
