import assert from "node:assert/strict";
import { test } from "node:test";
import type { Member } from "../model/model.ts";
import { list, map, member, scalar, string, structure } from "./shapes-fixture.test.ts";
import {
  compileXmlDocument,
  compileXmlMembersDocument,
  xmlDeclaration,
  type XmlRoot,
} from "./xml-writer.ts";

const root: XmlRoot = { name: "In", namespace: undefined };

/** Writes one member with a value. */
function written(traits: Member, value: unknown): string | undefined {
  const write = compileXmlMembersDocument([traits], root, () => "token");
  const text = write({ [traits.name]: value });
  const around = new RegExp(`^${xmlDeclaration.replaceAll("?", "\\?")}<In>(.*)</In>$`, "s");
  return text === undefined ? undefined : around.exec(text)?.[1];
}

const point = structure("Point", [member("X", scalar("integer")), member("Y", string)]);

const grantee = structure(
  "Grantee",
  [member("ID", string), member("Type", string, { xmlAttribute: true, wireName: "xsi:type" })],
  { xmlNamespace: { prefix: "xsi", uri: "http://www.w3.org/2001/XMLSchema-instance" } },
);

/** Name, member, value, content of the root. */
const cases: readonly (readonly [string, Member, unknown, string | undefined])[] = [
  ["a string", member("A", string), "x", "<A>x</A>"],
  ["an empty string", member("A", string), "", "<A></A>"],
  ["a renamed member", member("A", string, { wireName: "B" }), "x", "<B>x</B>"],
  ["characters of XML", member("A", string), `&<>"'`, "<A>&amp;&lt;&gt;&quot;&apos;</A>"],
  [
    "characters that parsers change or XML cannot carry",
    member("A", string),
    "a\r\n\u0085\u2028\u0001\tb",
    "<A>a&#xD;&#xA;&#x85;&#x2028;&#x1;\tb</A>",
  ],
  ["a boolean", member("A", scalar("boolean")), false, "<A>false</A>"],
  ["a number", member("A", scalar("integer")), 0, "<A>0</A>"],
  ["a bigint", member("A", scalar("long")), 9223372036854775807n, "<A>9223372036854775807</A>"],
  ["NaN", member("A", scalar("float")), Number.NaN, "<A>NaN</A>"],
  ["infinity", member("A", scalar("double")), -Infinity, "<A>-Infinity</A>"],
  ["a time", member("A", scalar("timestamp")), new Date(1e12), "<A>2001-09-09T01:46:40Z</A>"],
  [
    "a time with milliseconds",
    member("A", scalar("timestamp")),
    new Date(1e12 + 5),
    "<A>2001-09-09T01:46:40.005Z</A>",
  ],
  [
    "a time in its modelled format",
    member("A", scalar("timestamp"), { timestampFormat: "unixTimestamp" }),
    new Date(1e12),
    "<A>1000000000</A>",
  ],
  ["bytes", member("A", scalar("blob")), Uint8Array.of(0, 255), "<A>AP8=</A>"],
  ["a structure", member("A", point), { Y: "b", X: 1 }, "<A><X>1</X><Y>b</Y></A>"],
  ["an empty structure", member("A", point), {}, "<A></A>"],
  ["an absent member", member("A", point), { X: null, Y: undefined }, "<A></A>"],
  ["a list", member("A", list(string)), ["a", "b"], "<A><member>a</member><member>b</member></A>"],
  [
    "a list without its null items",
    member("A", list(string)),
    [null, "b"],
    "<A><member>b</member></A>",
  ],
  ["an empty list", member("A", list(string)), [], "<A></A>"],
  [
    "a list with a name for items",
    member("A", list(string, { wireName: "i" })),
    ["a"],
    "<A><i>a</i></A>",
  ],
  [
    "a flattened list",
    member("A", list(string, { wireName: "i" }), { flattened: true }),
    ["a", "b"],
    "<A>a</A><A>b</A>",
  ],
  ["an empty flattened list", member("A", list(string), { flattened: true }), [], ""],
  [
    "a flattened list of an older model",
    member("A", list(string, { wireName: "i" }, true)),
    ["a"],
    "<i>a</i>",
  ],
  [
    "a map",
    member("A", map(string)),
    { k: "v" },
    "<A><entry><key>k</key><value>v</value></entry></A>",
  ],
  [
    "a map with names",
    member("A", map(point, ["K", "V"])),
    { k: { X: 1 } },
    "<A><entry><K>k</K><V><X>1</X></V></entry></A>",
  ],
  [
    "a flattened map",
    member("A", map(string), { flattened: true, wireName: "B" }),
    { k: "v", l: "w" },
    "<B><key>k</key><value>v</value></B><B><key>l</key><value>w</value></B>",
  ],
  [
    "a namespace",
    member("A", string, { xmlNamespace: { uri: "u&" } }),
    "x",
    '<A xmlns="u&amp;">x</A>',
  ],
  [
    "a namespace with a prefix",
    member("A", point, { xmlNamespace: { uri: "u", prefix: "p" } }),
    {},
    '<A xmlns:p="u"></A>',
  ],
  [
    "attributes, as S3's grantees have them",
    member("A", grantee),
    { Type: 'Canonical"User', ID: "1" },
    '<A xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Canonical&quot;User"><ID>1</ID></A>',
  ],
  ["nothing for no value", member("A", string), undefined, undefined],
  ["nothing for null", member("A", string), null, undefined],
  [
    "an idempotency token that is absent",
    member("A", string, { idempotencyToken: true }),
    undefined,
    "<A>token</A>",
  ],
  [
    "an idempotency token that is given",
    member("A", string, { idempotencyToken: true }),
    "mine",
    "<A>mine</A>",
  ],
];

for (const [name, traits, value, expected] of cases) {
  test(`compileXmlMembersDocument() writes ${name}`, () => {
    assert.equal(written(traits, value), expected);
  });
}

test("compileXmlMembersDocument() puts the namespace and the attributes into the root", () => {
  const members = [member("T", string, { xmlAttribute: true }), member("A", string)];
  const write = compileXmlMembersDocument(
    members,
    { name: "In", namespace: { uri: "http://s3" } },
    () => "token",
  );
  assert.equal(
    write({ T: "t", A: "a" }),
    `${xmlDeclaration}<In xmlns="http://s3" T="t"><A>a</A></In>`,
  );
});

test("compileXmlMembersDocument() does not change the input when it makes a token", () => {
  const input = Object.freeze({ B: "b" });
  const members = [member("A", string, { idempotencyToken: true }), member("B", string)];
  const write = compileXmlMembersDocument(members, root, () => "token");
  assert.equal(write(input), `${xmlDeclaration}<In><A>token</A><B>b</B></In>`);
});

test("compileXmlMembersDocument() reads the getters of a class when it makes a token", () => {
  class Input {
    readonly [name: string]: unknown;
    get A(): string {
      return "a";
    }
  }
  const members = [member("T", string, { idempotencyToken: true }), member("A", string)];
  const write = compileXmlMembersDocument(members, root, () => "t");
  assert.equal(write(new Input()), `${xmlDeclaration}<In><T>t</T><A>a</A></In>`);
});

test("compileXmlDocument() lets no value of another kind than the model's into the markup", () => {
  for (const kind of ["integer", "boolean", "double", "bigDecimal"] as const) {
    const shape = structure("S", [member("A", scalar(kind))]);
    const write = compileXmlDocument(shape, { name: "S", namespace: undefined });
    assert.equal(write({ A: "<B/>" }), `${xmlDeclaration}<S><A>&lt;B/&gt;</A></S>`);
  }
});

test("compileXmlDocument() writes a structure that contains itself", () => {
  const members: Member[] = [member("Name", string)];
  const tree = structure("Tree", members);
  members.push(member("Next", tree));
  const write = compileXmlDocument(tree, root);
  assert.equal(
    write({ Name: "a", Next: { Next: { Name: "b" } } }),
    `${xmlDeclaration}<In><Name>a</Name><Next><Next><Name>b</Name></Next></Next></In>`,
  );
});
