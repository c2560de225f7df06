import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ResponseParseError } from "../client/errors.ts";
import type { Member, StructureShape } from "../model/model.ts";
import { Decimal } from "./decimal.ts";
import { isErrorAnswer } from "./error-answer.ts";
import { backEnds, list, map, member, scalar, string, structure } from "./shapes-fixture.test.ts";
import { compileDocumentReader, compilePayloadDocumentReader } from "./xml-reader.ts";

const point = structure("Point", [member("X", scalar("integer")), member("Y", scalar("integer"))]);

const choice = structure("Choice", [member("A", string), member("P", point)], { union: true });

const document = structure("Document", [
  member("Text", string),
  member("Renamed", string, { wireName: "other" }),
  member("Integer", scalar("integer")),
  member("Long", scalar("long")),
  member("Float", scalar("double")),
  member("Decimal", scalar("bigDecimal")),
  member("Flag", scalar("boolean")),
  member("Time", scalar("timestamp")),
  member("Bytes", scalar("blob")),
  member("Point", point),
  member("List", list(string)),
  member("Named", list(scalar("integer"), { wireName: "item" })),
  member("Points", list(point), { flattened: true }),
  member("OldList", list(string, { wireName: "OldItem" }, true)),
  member("Map", map(scalar("integer"))),
  member("NamedMap", map(point, ["Name", "Setting"])),
  member("FlatMap", map(string), { flattened: true }),
  member("Choice", choice),
  member("Type", string, { xmlAttribute: true, wireName: "xsi:type" }),
]);

function inRoot(xml: string): string {
  return `<Document>${xml}</Document>`;
}

/** Name, document, output. */
const readings: readonly (readonly [string, string, object])[] = [
  ["an empty document", "<Document/>", {}],
  ["text with its white space", inRoot("<Text> a\n b </Text>"), { Text: " a\n b " }],
  ["an empty text", inRoot("<Text></Text>"), { Text: "" }],
  ["a self-closing text", inRoot("<Text/>"), { Text: "" }],
  ["a self-closing text with attributes", inRoot('<Text a="/>" />'), { Text: "" }],
  ["a renamed member", inRoot("<other>x</other><Renamed>y</Renamed>"), { Renamed: "x" }],
  ["named entities", inRoot("<Text>&lt;&amp;&gt;&quot;&apos;</Text>"), { Text: "<&>\"'" }],
  ["numeric references", inRoot("<Text>&#65;&#x1F600;&#xd;&#0;</Text>"), { Text: "A😀\r\0" }],
  ["a bare ampersand", inRoot("<Text>a & b&</Text>"), { Text: "a & b&" }],
  ["no reference to half a character", inRoot("<Text>é&#x41;</Text>"), { Text: "éA" }],
  ["text beyond ASCII", inRoot("<Text>zażółć 😀</Text>"), { Text: "zażółć 😀" }],
  ["line ends", inRoot("<Text>a\r\nb\rc&#13;</Text>"), { Text: "a\nb\nc\r" }],
  ["CDATA", inRoot("<Text>a<![CDATA[<b>&amp;]]>c</Text>"), { Text: "a<b>&amp;c" }],
  ["comments in text", inRoot("<Text>a<!-- <x> -->b</Text>"), { Text: "ab" }],
  ["instructions in text", inRoot("<Text>a<?x y?>b</Text>"), { Text: "ab" }],
  ["elements in text", inRoot("<Text>a<b>c</b>d</Text>"), { Text: "ad" }],
  [
    "a declaration, comments and a byte order mark",
    "\uFEFF<?xml version='1.0'?>\n<!-- a -->\n<Document><Text>a</Text></Document>\n<!-- b -->",
    { Text: "a" },
  ],
  ["white space before the declaration", "\n\n<?xml version='1.0'?>\n<Document/>", {}],
  ["prefixed names", '<p:Document xmlns:p="u"><p:Text>a</p:Text></p:Document>', { Text: "a" }],
  ["white space in end tags", "<Document><Text>a</Text ></Document\n>", { Text: "a" }],
  [
    "an unknown element",
    inRoot("<Tex>a</Tex><Text2><Text>b</Text></Text2><Text>c</Text>"),
    { Text: "c" },
  ],
  ["a member that comes again", inRoot("<Text>a</Text><Text>b</Text>"), { Text: "b" }],
  [
    "integers",
    inRoot("<Integer>-42</Integer><Long>9007199254740991</Long>"),
    { Integer: -42, Long: 9007199254740991 },
  ],
  [
    "a long beyond 2^53",
    inRoot("<Long>-9223372036854775808</Long>"),
    { Long: -9223372036854775808n },
  ],
  ["an integer with white space", inRoot("<Integer>\n 7 </Integer>"), { Integer: 7 }],
  ["an integer with a sign and leading zeros", inRoot("<Integer>+0012</Integer>"), { Integer: 12 }],
  ["an empty integer", inRoot("<Integer/><Long></Long>"), {}],
  ["numbers", inRoot("<Float>-1.5e3</Float>"), { Float: -1500 }],
  ["NaN", inRoot("<Float>NaN</Float>"), { Float: Number.NaN }],
  ["infinity", inRoot("<Float>-Infinity</Float>"), { Float: -Infinity }],
  [
    "a decimal that a number cannot hold",
    inRoot("<Decimal>0.1234567890123456789</Decimal>"),
    { Decimal: new Decimal("0.1234567890123456789") },
  ],
  ["true", inRoot("<Flag>true</Flag>"), { Flag: true }],
  ["false", inRoot("<Flag> False </Flag>"), { Flag: false }],
  [
    "a time",
    inRoot("<Time>2026-11-21T21:04:10Z</Time>"),
    { Time: new Date("2026-11-21T21:04:10Z") },
  ],
  [
    "a time with milliseconds",
    inRoot("<Time>2024-02-29T00:00:00.123Z</Time>"),
    { Time: new Date("2024-02-29T00:00:00.123Z") },
  ],
  [
    "a time with an offset",
    inRoot("<Time>2019-12-16T22:48:18-01:00</Time>"),
    { Time: new Date("2019-12-16T23:48:18Z") },
  ],
  [
    "a time as an HTTP date",
    inRoot("<Time>Tue, 29 Apr 2014 18:30:38 GMT</Time>"),
    { Time: new Date("2014-04-29T18:30:38Z") },
  ],
  ["a time in seconds", inRoot("<Time>1398796238.5</Time>"), { Time: new Date(1398796238500) }],
  ["bytes", inRoot("<Bytes>AP8=</Bytes>"), { Bytes: Buffer.from([0, 255]) }],
  ["a structure", inRoot("<Point><Y>2</Y><X>1</X></Point>"), { Point: { Y: 2, X: 1 } }],
  ["an empty structure", inRoot("<Point/>"), { Point: {} }],
  ["a list", inRoot("<List><member>a</member> <member/></List>"), { List: ["a", ""] }],
  ["an empty list", inRoot("<List/>"), { List: [] }],
  [
    "a list with items of another name",
    inRoot("<Named><item>1</item><member>2</member></Named>"),
    { Named: [1, 2] },
  ],
  [
    "a flattened list among others",
    inRoot("<Points><X>1</X></Points><Text>a</Text><Points/>"),
    { Points: [{ X: 1 }, {}], Text: "a" },
  ],
  [
    "a flattened list of an older model",
    inRoot("<OldItem>a</OldItem><OldItem>b</OldItem>"),
    { OldList: ["a", "b"] },
  ],
  [
    "a map",
    inRoot(
      "<Map><entry><key>a</key><value>1</value></entry><entry><value>2</value><key>b</key></entry></Map>",
    ),
    { Map: { a: 1, b: 2 } },
  ],
  [
    "a map with names",
    inRoot("<NamedMap><entry><Name>a</Name><Setting><X>1</X></Setting></entry></NamedMap>"),
    { NamedMap: { a: { X: 1 } } },
  ],
  [
    "a flattened map",
    inRoot(
      "<FlatMap><key>a</key><value>1</value></FlatMap><FlatMap><key>b</key><value/></FlatMap>",
    ),
    { FlatMap: { a: "1", b: "" } },
  ],
  ["a map's entry without a value", inRoot("<Map><entry><key>a</key></entry></Map>"), { Map: {} }],
  ["a union", inRoot("<Choice><P><X>1</X></P></Choice>"), { Choice: { P: { X: 1 } } }],
  [
    "an unknown member of a union",
    inRoot("<Choice><New><Z>é</Z></New></Choice>"),
    { Choice: { $unknown: ["New", "<Z>é</Z>"] } },
  ],
  [
    "an attribute",
    '<Document xmlns:xsi="u" xsi:type="a&amp;b"><Text>c</Text></Document>',
    { Type: "a&b", Text: "c" },
  ],
];

/** Name, document, what the message says. */
const refusals: readonly (readonly [string, string, RegExp])[] = [
  ["text", "no XML", /not XML/],
  ["white space", "  \n", /ends before/],
  ["a cut start tag", "<Docum", /ends before/],
  ["a cut attribute", '<Document a="b', /ends before/],
  ["a cut text", "<Document><Text>ab", /ends before/],
  ["a cut end tag", "<Document><Text>ab</Te", /ends before/],
  ["a cut document", "<Document><Text>ab</Text>", /ends before/],
  ["a cut unknown element", "<Document><New><Text>ab</Text>", /ends before/],
  ["a cut comment", "<Document><!-- ", /ends within/],
  ["another end tag", "<Document><Text>a</text></Document>", /"Text" is closed by another/],
  ["a longer end tag", "<Document></Document2>", /"Document" is closed by another/],
  ["a second root", "<Document/><Document/>", /follows the root/],
  ["a document type", "<!DOCTYPE a><Document/>", /declaration/],
  ["an entity of its own", inRoot("<Text>&other;</Text>"), /"&other;" is not a reference/],
  ["a word as an integer", inRoot("<Integer>many</Integer>"), /"many" is not an integer/],
  ["a fraction as an integer", inRoot("<Integer>1.5</Integer>"), /"1.5" is not an integer/],
  ["a word as a number", inRoot("<Float>many</Float>"), /"many" is not a number/],
  ["a word as a boolean", inRoot("<Flag>maybe</Flag>"), /"maybe" is not a boolean/],
  ["a word as a time", inRoot("<Time>soon</Time>"), /"soon" is not a timestamp/],
];

for (const [backEnd, options] of backEnds) {
  describe(`compileDocumentReader() with ${backEnd}`, () => {
    const read = compileDocumentReader(document, document.members, options);

    for (const [name, xml, expected] of readings) {
      test(`reads ${name}`, () => {
        assert.deepEqual(read(Buffer.from(xml)), expected);
      });
    }

    for (const [name, xml, message] of refusals) {
      test(`refuses ${name}`, () => {
        assert.throws(
          () => read(Buffer.from(xml)),
          (error) =>
            error instanceof ResponseParseError &&
            message.test(error.message) &&
            error.body === xml &&
            !isErrorAnswer(error),
        );
      });
    }

    test("reads an empty body as an empty object", () => {
      assert.deepEqual(read(Buffer.alloc(0)), {});
    });

    test("reads only the members that it is given", () => {
      const some: readonly Member[] = [member("Text", string)];
      const readSome = compileDocumentReader(document, some, options);
      const xml = inRoot("<Text>a</Text><Integer>1</Integer>");
      assert.deepEqual(readSome(Buffer.from(xml)), { Text: "a" });
    });

    test("reads a structure that contains itself", () => {
      const members: Member[] = [member("Name", string)];
      const tree: StructureShape = structure("Tree", members);
      members.push(member("Next", tree), member("Others", list(tree)));
      const readTree = compileDocumentReader(tree, tree.members, options);
      const xml =
        "<Tree><Next><Next><Name>a</Name></Next></Next><Others><member><Name>b</Name></member></Others></Tree>";
      assert.deepEqual(readTree(Buffer.from(xml)), {
        Next: { Next: { Name: "a" } },
        Others: [{ Name: "b" }],
      });
    });

    test("keeps a key of the network from the prototype", () => {
      const xml = inRoot(
        "<FlatMap><key>__proto__</key><value>a</value></FlatMap><FlatMap><key>constructor</key><value>b</value></FlatMap>",
      );
      const { FlatMap } = read(Buffer.from(xml)) as { FlatMap: Record<string, string> };
      assert.deepEqual(Object.entries(FlatMap), [
        ["__proto__", "a"],
        ["constructor", "b"],
      ]);
      assert.equal(Object.getPrototypeOf(FlatMap), Object.prototype);
    });

    test("CL-7 marks an error in place of the output", () => {
      for (const xml of [
        "<Error><Code>InternalError</Code></Error>",
        "<?xml?>\n<ErrorResponse/>",
      ]) {
        assert.throws(() => read(Buffer.from(xml)), isErrorAnswer);
      }
    });

    test("reads the document of an error's structure", () => {
      const error = structure("Gone", [member("Text", string)], { error: { fault: "client" } });
      const readError = compileDocumentReader(error, error.members, options);
      assert.deepEqual(readError(Buffer.from("<Error><Text>a</Text></Error>")), { Text: "a" });
    });

    test("reads a payload that is a list", () => {
      const readList = compilePayloadDocumentReader(member("P", list(string)), options);
      assert.deepEqual(readList(Buffer.from("<L><m>a</m></L>")), ["a"]);
      assert.equal(readList(Buffer.alloc(0)), undefined);
    });
  });
}
