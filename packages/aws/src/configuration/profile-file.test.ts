import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigurationError } from "../client/errors.ts";
import { type ProfileFile, parseProfileFile } from "./profile-file.ts";

function parse(text: string, kind: "config" | "credentials" = "config"): ProfileFile {
  return parseProfileFile(text, kind, "/me/.aws/config");
}

/** Profiles as plain objects: blocks as nested objects. */
function profiles(file: ProfileFile): Record<string, unknown> {
  return Object.fromEntries(
    [...file.profiles].map(([name, { values, blocks }]) => [
      name,
      {
        ...Object.fromEntries(values),
        ...Object.fromEntries([...blocks].map(([key, block]) => [key, Object.fromEntries(block)])),
      },
    ]),
  );
}

describe("parseProfileFile", () => {
  const cases: readonly (readonly [name: string, text: string, expected: unknown])[] = [
    ["an empty file", "", {}],
    ["a profile without settings", "[profile a]", { a: {} }],
    [
      "default and named",
      "[default]\na=1\n[profile b]\na=2",
      { default: { a: "1" }, b: { a: "2" } },
    ],
    [
      "CRLF and a byte order mark",
      "\uFEFF[default]\r\na = 1\r\nb = 2\r\n",
      { default: { a: "1", b: "2" } },
    ],
    ["values with =", "[default]\na = b=c==", { default: { a: "b=c==" } }],
    [
      "keys in any case",
      "[default]\nRegion = EU\nS3 =\n  Style = P",
      { default: { region: "EU", s3: { style: "P" } } },
    ],
    [
      "settings with a colon, as the AWS CLI does",
      "[default]\na: b\nc : d=e\nf = g:h\ni=j",
      { default: { a: "b", c: "d=e", f: "g:h", i: "j" } },
    ],
    ["empty values", "[default]\na =\nb = 1", { default: { a: "", b: "1" } }],
    ["comment lines", "# x\n; y\n[default]\n# z\na = 1\n  ; w\n", { default: { a: "1" } }],
    [
      "comments after values",
      "[default]\na = 1 # x\nb = 2 ; y\nc = 3;z\nd = 4#w\ne = #v",
      { default: { a: "1", b: "2", c: "3;z", d: "4#w", e: "" } },
    ],
    [
      "comments after sections",
      "[default] ; x\na=1\n[profile b]# y\na=2",
      { default: { a: "1" }, b: { a: "2" } },
    ],
    [
      "blocks",
      "[default]\ns3 =\n  a = 1\n\n  # no\n  b = x=y # c\nregion = r",
      { default: { s3: { a: "1", b: "x=y" }, region: "r" } },
    ],
    [
      "continuations",
      "[default]\na = one\n  two ; kept\n\tthree\nb = 1",
      { default: { a: "one\ntwo ; kept\nthree", b: "1" } },
    ],
    [
      "an indented section",
      "[default]\n  a = 1\n  b = 2\n  s3 =\n    c = 3",
      { default: { a: "1", b: "2", s3: { c: "3" } } },
    ],
    ["an indented bracket in a value", "[default]\na = 1\n [b]", { default: { a: "1\n[b]" } }],
    ["white space", "\t[ profile\t a ]\na\t=\t 1 \t", { a: { a: "1" } }],
    [
      "quoted names",
      "[profile \"a b\"]\nx=1\n[profile 'c']\nx=2",
      { "a b": { x: "1" }, c: { x: "2" } },
    ],
    ["names of several words are skipped", "[profile a b]\nx=1", {}],
    [
      "[profile default] beats [default], after it",
      "[default]\na=1\nb=1\n[profile default]\na=2",
      { default: { a: "2" } },
    ],
    [
      "[profile default] beats [default], before it",
      "[profile default]\na=2\n[default]\na=1\nb=1",
      { default: { a: "2" } },
    ],
    [
      "sections that come twice are merged",
      "[profile a]\nx=1\ny=1\n[profile a]\ny=2",
      { a: { x: "1", y: "2" } },
    ],
    [
      "settings that come twice",
      "[default]\na=1\na=2\ns3=\n b=1\ns3=\n c=2",
      { default: { a: "2", s3: { c: "2" } } },
    ],
    [
      "other sections are skipped, whatever they hold",
      "[plugins]\nnot a setting\n  x\n[a]\nb=1\n[]\n[profile]\nz\n[default]\na=1",
      { default: { a: "1" } },
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(`reads ${name}`, () => assert.deepEqual(profiles(parse(text)), expected));
  }

  it("reads a credentials file: bare names, and no prefixed ones", () => {
    const file = parse(
      "[default]\na=1\n[dev]\na=2\n[profile x]\na=3\n[services s]\na=4",
      "credentials",
    );
    assert.deepEqual(profiles(file), { default: { a: "1" }, dev: { a: "2" } });
    assert.equal(file.services.size, 0);
  });

  it("reads names with blanks in a credentials file, as the AWS CLI writes them", () => {
    const file = parse("[a b]\nx=1\n['c d']\nx=2\n[profiles x]\nx=3", "credentials");
    assert.deepEqual(profiles(file), {
      "a b": { x: "1" },
      "'c d'": { x: "2" },
      "profiles x": { x: "3" },
    });
  });

  it("reads sso-session and services sections", () => {
    const file = parse(
      "[sso-session s]\nsso_region = r\n[services dev]\ns3 =\n  endpoint_url = http://a",
    );
    assert.equal(file.ssoSessions.get("s")?.values.get("sso_region"), "r");
    assert.equal(file.services.get("dev")?.blocks.get("s3")?.get("endpoint_url"), "http://a");
    assert.equal(file.profiles.size, 0);
  });

  const errors: readonly (readonly [text: string, message: RegExp])[] = [
    ["a = 1", /"\/me\/\.aws\/config, line 1": a setting must come after a \[section\]$/],
    ["[default", /line 1": a section must end with "\]"$/],
    ["[default] x", /line 1": only a comment may come after "\]"$/],
    ["[default]\nsecret", /line 2": a setting must have the form "name = value"$/],
    ["[default]\n= secret", /line 2": a setting must have a name in front of "="$/],
    ["[default]\ns3 =\n  secret", /line 3": a setting must have the form "name = value"$/],
    ["[default]\ns3 =\n  = secret", /line 3": a setting must have a name in front of "="$/],
  ];
  for (const [text, message] of errors) {
    it(`refuses ${JSON.stringify(text)} without quoting the line`, () => {
      assert.throws(
        () => parse(text),
        (error: Error) => {
          assert.ok(error instanceof ConfigurationError);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }

  it("keeps names of the prototype's members as data", () => {
    const file = parse("[profile __proto__]\n__proto__ = 1\nconstructor =\n  __proto__ = 2");
    assert.equal(file.profiles.get("__proto__")?.values.get("__proto__"), "1");
    assert.equal(file.profiles.get("__proto__")?.blocks.get("constructor")?.get("__proto__"), "2");
    assert.equal(({} as Record<string, unknown>)["1"], undefined);
  });
});

const word = fc.stringMatching(/^[A-Za-z0-9_./@+-]{1,12}$/);
const text = fc.stringMatching(/^[A-Za-z0-9_=:/+.][A-Za-z0-9_=:/+.#;-]{0,20}$/);

describe("parseProfileFile, for any text", () => {
  it("returns what was written", () => {
    const section = fc.dictionary(
      word.map((name) => name.toLowerCase()),
      text,
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.dictionary(word, section, { noNullPrototype: true }), (wanted) => {
        const lines = Object.entries(wanted).flatMap(([name, values]) => [
          `[profile ${name}]`,
          ...Object.entries(values).map(([key, value]) => `${key} = ${value}`),
        ]);
        assert.deepEqual(profiles(parse(lines.join("\n"))), wanted);
      }),
    );
  });

  it("gives a file or a ConfigurationError", () => {
    const piece = fc.constantFrom(
      "[",
      "]",
      "=",
      "\n",
      "\r",
      " ",
      "\t",
      "#",
      ";",
      "profile ",
      "default",
      '"',
      "a",
      "\0",
      "__proto__",
    );
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom("config" as const, "credentials" as const),
        (source, kind) => {
          try {
            assert.ok(parse(source, kind).profiles instanceof Map);
          } catch (error) {
            assert.ok(error instanceof ConfigurationError, String(error));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
