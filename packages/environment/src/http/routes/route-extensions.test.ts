import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limits } from "@lambdad/core";
import { waitFor } from "@lambdad/testkit";
import {
  answerOn,
  errorCall,
  exitErrorPath,
  initErrorPath,
  nextCall,
  nextPath,
  rawCall,
  refusalIn,
  registerPath,
  serveExtensions,
} from "../../testdata/extension-calls.ts";
import { strangeId, waitingCount } from "../../testdata/extensions-fixture.ts";

const telemetryPath = "/2022-07-01/telemetry";
const logsPath = "/2020-08-15/logs";

/** Method and path of every route: spec extensions-api §1, telemetry-api §1. */
const routes: readonly (readonly [string, string])[] = [
  ["POST", registerPath],
  ["GET", nextPath],
  ["POST", initErrorPath],
  ["POST", exitErrorPath],
  ["PUT", telemetryPath],
  ["PUT", logsPath],
];
const methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

for (const [path, call] of [
  [initErrorPath, "initError"],
  [exitErrorPath, "exitError"],
] as const) {
  describe(`POST ${path}`, () => {
    const bodies = ["", "{", '{"errorMessage":"m","errorType":"t","stackTrace":["a"]}'];
    for (const body of bodies) {
      test(`answers 202, whatever the body is: '${body}'`, async (t) => {
        const { ask, register, errors } = await serveExtensions(t);
        const extension = register("agent");
        const response = await ask(errorCall(path, extension.id, "Extension.Bad", body));
        assert.equal(response.status, 202);
        assert.equal(response.headers["content-type"], "application/json");
        assert.deepEqual(JSON.parse(response.body.toString()), { status: "OK" });
        assert.deepEqual(errors, [[extension, call]]);
        assert.equal(extension.errorType, "Extension.Bad");
      });
    }

    test("reads the header names without case", async (t) => {
      const { ask, register } = await serveExtensions(t);
      const headers = [
        `LAMBDA-EXTENSION-IDENTIFIER: ${register("agent").id}`,
        "lambda-extension-function-error-type: Extension.Bad",
      ];
      assert.equal((await ask(rawCall("POST", path, headers))).status, 202);
    });

    const missing = "403 Extension.MissingHeader: Lambda-Extension-Function-Error-Type not found";
    const cases: readonly (readonly [string, string, string, string])[] = [
      [
        "no identifier before no type",
        "",
        "",
        "403 Extension.MissingExtensionIdentifier: Missing Lambda-Extension-Identifier header",
      ],
      [
        "no UUID before no type",
        "agent",
        "",
        "403 Extension.InvalidExtensionIdentifier: Invalid Lambda-Extension-Identifier",
      ],
      ["no type before an unknown identifier", strangeId, "", missing],
      [
        "an unknown identifier",
        strangeId,
        "Extension.Bad",
        "403 Extension.UnknownExtensionIdentifier: Unknown Lambda-Extension-Identifier",
      ],
    ];
    for (const [what, id, type, refusal] of cases) {
      test(`refuses ${what}`, async (t) => {
        const { ask, errors } = await serveExtensions(t);
        assert.equal(refusalIn(await ask(errorCall(path, id, type))), refusal);
        assert.deepEqual(errors, []);
      });
    }

    test("refuses a body that is too large with 413", async (t) => {
      const { ask, register, errors } = await serveExtensions(t);
      const body = " ".repeat(limits.errorBodyBytesMax + 1);
      const response = await ask(errorCall(path, register("agent").id, "Extension.Bad", body));
      assert.match(refusalIn(response), /^413 RequestEntityTooLarge: /);
      assert.deepEqual(errors, []);
    });
  });
}

test("exit/error over a second connection is taken while next blocks, which gets nothing", async (t) => {
  const { api, ask, open, register } = await serveExtensions(t);
  const agent = register("agent", ["INVOKE"]);
  const waiting = await open();
  waiting.send(nextCall(agent.id));
  await waitFor(() => waitingCount(api) === 1);
  assert.equal((await ask(errorCall(exitErrorPath, agent.id))).status, 202);
  agent.give({ type: "SHUTDOWN", body: "{}" });
  // What was sent would have arrived before the answer to a later call.
  assert.equal((await ask(errorCall(exitErrorPath, agent.id))).status, 202);
  assert.equal(waiting.pendingBytes, 0);
});

function subscription(path: string, id: string): string {
  return rawCall("PUT", path, [`lambda-extension-identifier: ${id}`], "{}");
}

describe("routeExtensions()", () => {
  for (const [method, path] of routes) {
    test(`answers other methods of ${path} with 405 and no body`, async (t) => {
      const { open, rejects } = await serveExtensions(t);
      const connection = await open();
      for (const other of methods.filter((name) => name !== method)) {
        connection.send(rawCall(other, path, []));
        const response = await answerOn(connection);
        assert.equal(response.status, 405, other);
        assert.equal(response.headers["allow"], method);
        assert.equal(response.body.length, 0);
      }
      assert.deepEqual(rejects, []);
    });

    test(`answers ${path} with 404 and no body when extensions are switched off, for all methods`, async (t) => {
      const { open } = await serveExtensions(t, { disabled: true });
      const connection = await open();
      for (const any of methods) {
        connection.send(rawCall(any, path, ["Lambda-Extension-Name: agent"]));
        const response = await answerOn(connection);
        assert.equal(response.status, 404, any);
        assert.equal(response.body.length, 0);
      }
    });

    test(`answers ${path} with 500 when no environment is there`, async (t) => {
      const { ask, detach } = await serveExtensions(t);
      detach();
      const headers = ["Lambda-Extension-Name: agent", `Lambda-Extension-Identifier: ${strangeId}`];
      assert.equal(
        refusalIn(await ask(rawCall(method, path, headers))),
        "500 InternalServerError: Internal Server Error",
      );
    });
  }

  test("takes a registration off a kept connection after a refusal with a body", async (t) => {
    const { open } = await serveExtensions(t, { disabled: true });
    const connection = await open();
    for (let count = 0; count < 3; count += 1) {
      connection.send(rawCall("POST", registerPath, ["Lambda-Extension-Name: a"], '{"events":[]}'));
      assert.equal((await answerOn(connection)).status, 404);
    }
  });

  const unknown = [
    "/2020-01-01/extension",
    "/2020-01-01/extension/",
    "/2020-01-01/extension/register/",
    "/2020-01-01/extension/Register",
    "/2020-01-01/extension/event",
    "/2020-01-01//extension/register",
    "/2018-06-01/extension/register",
    "/2022-07-01/telemetry/",
    "/2020-08-15/telemetry",
    "/constructor",
    "/__proto__",
  ];
  for (const path of unknown) {
    test(`does not know ${path}`, async (t) => {
      const { ask } = await serveExtensions(t);
      const response = await ask(rawCall("POST", path, ["Lambda-Extension-Name: agent"]));
      assert.equal(response.status, 404);
      assert.equal(response.body.toString(), "404 page not found\n");
    });
  }

  test("does not mind a query", async (t) => {
    const { ask } = await serveExtensions(t);
    const headers = ["Lambda-Extension-Name: agent"];
    assert.equal((await ask(rawCall("POST", `${registerPath}?a=b`, headers, "{}"))).status, 200);
  });

  for (const path of [telemetryPath, logsPath]) {
    test(`PUT ${path} is for those who have registered`, async (t) => {
      const { ask, register } = await serveExtensions(t);
      const { id } = register("agent");
      assert.equal(
        refusalIn(await ask(subscription(path, ""))),
        "403 Extension.MissingExtensionIdentifier: Missing Lambda-Extension-Identifier header",
      );
      assert.equal(
        refusalIn(await ask(subscription(path, "agent"))),
        "403 Extension.InvalidExtensionIdentifier: Invalid Lambda-Extension-Identifier",
      );
      assert.equal(
        refusalIn(await ask(subscription(path, strangeId))),
        `403 Extension.UnknownExtensionIdentifier: Unknown extension ${strangeId}`,
      );
      const accepted = await ask(subscription(path, id));
      assert.equal(accepted.status, 200);
      assert.equal(accepted.body.toString(), '"OK"');
    });
  }
});
