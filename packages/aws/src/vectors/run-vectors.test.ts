import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { runVectors } from "./run-vectors.ts";

function folderOf(t: TestContext, files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), "vectors-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const suite = {
  metadata: { protocol: "rest-xml", apiVersion: "2026-11-21" },
  shapes: {
    In: { type: "structure", members: { A: { shape: "S" }, T: { shape: "T" } } },
    S: { type: "string" },
    T: { type: "timestamp" },
  },
};
const input = { shape: "In", locationName: "Request" };

/** A case that is right but for what `serialized` says. */
function inputCase(id: string, serialized: object): object {
  return {
    id,
    given: { name: "Op", http: { method: "POST", requestUri: "/a?b" }, input },
    params: { A: "a", T: 0 },
    serialized: {
      method: "POST",
      uri: "/a?b",
      body: "<Request><T>1970-01-01T00:00:00Z</T><A>a</A></Request>",
      ...serialized,
    },
  };
}

function outputCase(id: string, result: object, body: string): object {
  return {
    id,
    given: { name: "Op", output: { shape: "In" } },
    result,
    response: { status_code: 200, headers: {}, body },
  };
}

test("runVectors() says which requests differ, and how", async (t) => {
  const body = "<Request><A>a</A> <T>1970-01-01T00:00:00Z</T></Request>";
  const cases = [
    inputCase("Right", { body, headers: { "Content-Type": "application/xml" } }),
    inputCase("Method", { body, method: "PUT" }),
    inputCase("Path", { body, uri: "/b?b" }),
    inputCase("Query", { body, uri: "/a?b=c" }),
    inputCase("Body", { body: body.replace(">a<", ">b<") }),
    inputCase("Header", { body, headers: { "X-Other": "x" } }),
    inputCase("Forbidden", { body, forbidHeaders: ["Content-Type"] }),
    inputCase("Required", { body, requireHeaders: ["X-Other"] }),
  ];
  const folder = folderOf(t, { "protocols/input/rest-xml.json": [{ ...suite, cases }] });
  assert.deepEqual(await runVectors(folder), {
    passed: 1,
    excused: 0,
    failures: [
      "rest-xml/input/Method: method is POST, expected PUT",
      'rest-xml/input/Path: path is "/a", expected "/b"',
      'rest-xml/input/Query: query[0] is "b=", expected "b=c"',
      'rest-xml/input/Body: body: children[0].children[0].text is "a", expected "b"',
      'rest-xml/input/Header: header X-Other is absent, expected "x"',
      "rest-xml/input/Forbidden: header Content-Type must not be there",
      "rest-xml/input/Required: header X-Other is absent",
    ],
  });
});

test("runVectors() says which responses differ, and how", async (t) => {
  const cases = [
    outputCase("Right", { A: "a", T: 1 }, "<R><A>a</A><T>1970-01-01T00:00:01Z</T></R>"),
    outputCase("Value", { A: "b" }, "<R><A>a</A></R>"),
    outputCase("Missing", { A: "a", T: 1 }, "<R><A>a</A></R>"),
    outputCase("Extra", {}, "<R><A>a</A></R>"),
    outputCase("Broken", {}, "<R><A>a</A>"),
  ];
  const folder = folderOf(t, { "protocols/output/rest-xml.json": [{ ...suite, cases }] });
  assert.deepEqual(await runVectors(folder), {
    passed: 1,
    excused: 0,
    failures: [
      'rest-xml/output/Value: A is "a", expected "b"',
      "rest-xml/output/Missing: T is absent, expected 1",
      'rest-xml/output/Extra: A is "a", expected absent',
      "rest-xml/output/Broken: threw ResponseParseError: Cannot read the XML response: it ends before its root element does",
    ],
  });
});

test("runVectors() says which documents and signatures differ", async (t) => {
  const context = {
    credentials: { access_key_id: "A", secret_access_key: "B" },
    expiration_in_seconds: 60,
    normalize: true,
    region: "r",
    service: "s",
    sign_body: false,
    timestamp: "2026-11-21T00:00:00Z",
  };
  const folder = folderOf(t, {
    "cbor/decode-success-tests.json": [{ description: "one", input: "01", expect: { uint: 2 } }],
    "cbor/decode-error-tests.json": [{ description: "none", input: "01", error: true }],
    "sigv4/get/context.json": context,
    "sigv4/get/request.txt": "GET / HTTP/1.1\nHost:h\n",
    "sigv4/get/header-signature.txt": "00",
    "sigv4/get/header-canonical-request.txt": "GET",
  });
  const { passed, failures } = await runVectors(folder);
  assert.equal(passed, 0);
  assert.deepEqual(failures.slice(0, 2), [
    'cbor/one: value is "1", expected "2"',
    "cbor/none: is 1, expected an error",
  ]);
  assert.match(String(failures[2]), /^sigv4\/get\/header: canonical request is "GET/);
});

test("runVectors() finds nothing in an empty folder", async (t) => {
  assert.deepEqual(await runVectors(folderOf(t, {})), { passed: 0, excused: 0, failures: [] });
});
