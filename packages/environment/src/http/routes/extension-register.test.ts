import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limits } from "@lambdad/core";
import {
  answerOn,
  idOf,
  rawCall,
  refusalIn,
  registerCall,
  registerPath,
  serveExtensions,
} from "../../testdata/extension-calls.ts";

describe("POST /2020-01-01/extension/register", () => {
  test("answers 200, the identifier and the function's facts as JSON", async (t) => {
    const { api, ask } = await serveExtensions(t, { external: ["agent.sh"] });
    const response = await ask(registerCall("agent.sh", ["INVOKE", "SHUTDOWN"]));
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-type"], "application/json");
    assert.equal(idOf(response), api.named("agent.sh")?.id);
    const names = response.headerLines.map((line) => line.split(":")[0]);
    assert.ok(names.includes("Lambda-Extension-Identifier"), "the header's spelling is AWS's");
    assert.equal(
      response.body.toString(),
      '{"functionName":"helloWorld","functionVersion":"$LATEST","handler":"app.handler"}',
    );
    assert.deepEqual(api.named("agent.sh")?.events, ["INVOKE", "SHUTDOWN"]);
  });

  test("adds the account for the feature accountId", async (t) => {
    const { ask } = await serveExtensions(t);
    const headers = [
      "Lambda-Extension-Name: agent",
      "Lambda-Extension-Accept-Feature: x, accountId",
    ];
    const response = await ask(rawCall("POST", registerPath, headers, "{}"));
    assert.equal(JSON.parse(response.body.toString()).accountId, "123456789012");
  });

  for (const spelling of [
    "lambda-extension-name",
    "LAMBDA-EXTENSION-NAME",
    "Lambda-extension-Name",
  ]) {
    test(`reads the header ${spelling}`, async (t) => {
      const { ask } = await serveExtensions(t);
      const response = await ask(rawCall("POST", registerPath, [`${spelling}: agent`], "{}"));
      assert.equal(response.status, 200);
    });
  }

  for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
    test(`does not look at the content type ${type}`, async (t) => {
      const { ask } = await serveExtensions(t);
      const headers = ["Lambda-Extension-Name: agent", `Content-Type: ${type}`];
      assert.equal((await ask(rawCall("POST", registerPath, headers, "{}"))).status, 200);
    });
  }

  test("takes the name of a file as the bytes that it is", async (t) => {
    const { api, ask } = await serveExtensions(t, { external: ["agént-数.py"] });
    const response = await ask(Buffer.from(registerCall("agént-数.py"), "utf8"));
    assert.equal(response.status, 200);
    assert.equal(api.unregistered, undefined);
    assert.equal(api.all.length, 1);
  });

  test("takes a body in chunks", async (t) => {
    const { api, ask } = await serveExtensions(t);
    const head = `POST ${registerPath} HTTP/1.1\r\nHost: localhost\r\nLambda-Extension-Name: agent\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const response = await ask(`${head}8\r\n{"events\r\n7\r\n":null}\r\n0\r\n\r\n`);
    assert.equal(response.status, 200);
    assert.deepEqual(api.named("agent")?.events, []);
  });

  const noName = "403 Extension.InvalidExtensionName: Empty extension name";
  const refusals: readonly (readonly [string, string, string])[] = [
    ["no name", rawCall("POST", registerPath, [], "{}"), noName],
    ["an empty name", rawCall("POST", registerPath, ["Lambda-Extension-Name:"], "{}"), noName],
    [
      "no body",
      rawCall("POST", registerPath, ["Lambda-Extension-Name: a"]),
      "403 InvalidRequestFormat: Unexpected end of JSON input",
    ],
    [
      "an event",
      registerCall("a", ["NOPE"]),
      "403 Extension.InvalidEventType: NOPE: ErrorInvalidEventType",
    ],
    [
      "SHUTDOWN for an internal extension",
      registerCall("a", ["SHUTDOWN"]),
      "403 Extension.InvalidEventType: SHUTDOWN: ShutdownEventNotSupportedForInternalExtension",
    ],
  ];
  for (const [what, text, refusal] of refusals) {
    test(`refuses ${what}`, async (t) => {
      const { ask } = await serveExtensions(t);
      const response = await ask(text);
      assert.equal(refusalIn(response), refusal);
      assert.equal(response.headers["lambda-extension-identifier"], undefined);
    });
  }

  test("refuses the eleventh, and whom comes too late", async (t) => {
    const { api, open } = await serveExtensions(t);
    const connection = await open();
    const refusal = async (name: string): Promise<string> => {
      connection.send(registerCall(name));
      return refusalIn(await answerOn(connection));
    };
    for (let count = 0; count < limits.extensionsMax; count += 1) {
      connection.send(registerCall(`agent-${count}`));
      assert.equal((await answerOn(connection)).status, 200);
    }
    assert.equal(
      await refusal("k"),
      "403 Extension.TooManyExtensions: Extension limit (10) reached",
    );
    api.closeRegistration();
    assert.equal(
      await refusal("late"),
      "403 Extension.RegistrationClosed: Extension registration closed already",
    );
  });

  test("refuses a body that is too large with 413, and registers nobody", async (t) => {
    const { api, ask } = await serveExtensions(t);
    const body = `{"events":[]}${" ".repeat(limits.errorBodyBytesMax - 13)}`;
    const headers = ["Lambda-Extension-Name: agent"];
    const tooLarge = await ask(rawCall("POST", registerPath, headers, `${body} `));
    assert.equal(tooLarge.status, 413);
    assert.match(refusalIn(tooLarge), /^413 RequestEntityTooLarge: /);
    assert.equal(api.all.length, 0);
    assert.equal((await ask(rawCall("POST", registerPath, headers, body))).status, 200);
  });

  test("refuses a body that breaks off, and registers nobody", async (t) => {
    const { api, open } = await serveExtensions(t);
    const connection = await open();
    connection.send(registerCall("agent").slice(0, -1));
    connection.end();
    const response = await answerOn(connection);
    assert.equal(
      refusalIn(response),
      "400 TruncatedHTTPRequest: HTTP request detected as truncated",
    );
    assert.equal(api.all.length, 0);
  });
});
