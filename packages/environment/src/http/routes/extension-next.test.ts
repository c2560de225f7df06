import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "@lambdad/testkit";
import {
  answerOn,
  errorCall,
  exitErrorPath,
  idOf,
  nextCall,
  nextPath,
  rawCall,
  refusalIn,
  registerCall,
  requestIdOf,
  serveExtensions,
  uuid,
} from "../../testdata/extension-calls.ts";
import { strangeId, waitingCount } from "../../testdata/extensions-fixture.ts";

describe("GET /2020-01-01/extension/event/next", () => {
  test("blocks without a byte until there is an event, and gives it with a new identifier", async (t) => {
    const { open, invoke, api } = await serveExtensions(t);
    const connection = await open();
    connection.send(registerCall("agent"));
    const id = idOf(await answerOn(connection));
    const seen = new Set<string>();
    for (const requestId of ["one", "two"]) {
      connection.send(nextCall(id));
      await waitFor(() => waitingCount(api) === 1);
      assert.equal(connection.pendingBytes, 0);
      invoke(requestId);
      const response = await answerOn(connection);
      assert.equal(requestIdOf(response), requestId);
      assert.equal(response.headers["content-type"], "application/json");
      const names = response.headerLines.map((line) => line.split(":")[0]);
      assert.ok(names.includes("Lambda-Extension-Event-Identifier"));
      const event = response.headers["lambda-extension-event-identifier"] ?? "";
      assert.match(event, uuid);
      seen.add(event);
    }
    assert.equal(seen.size, 2);
  });

  test("gives SHUTDOWN in the same form", async (t) => {
    const { api, open, register } = await serveExtensions(t, { external: ["agent"] });
    const agent = register("agent", ["SHUTDOWN"]);
    api.shutdown(agent, "spindown", 1_000);
    const connection = await open();
    connection.send(nextCall(agent.id));
    const response = await answerOn(connection);
    assert.equal(
      response.body.toString(),
      '{"eventType":"SHUTDOWN","shutdownReason":"spindown","deadlineMs":1000}',
    );
    assert.equal(response.headers["content-type"], "application/json");
    assert.match(response.headers["lambda-extension-event-identifier"] ?? "", uuid);
  });

  const identifiers: readonly (readonly [string, readonly string[], string])[] = [
    [
      "no identifier",
      [],
      "Extension.MissingExtensionIdentifier: Missing Lambda-Extension-Identifier header",
    ],
    [
      "an empty one",
      ["Lambda-Extension-Identifier:"],
      "Extension.MissingExtensionIdentifier: Missing Lambda-Extension-Identifier header",
    ],
    [
      "one that is no UUID",
      ["Lambda-Extension-Identifier: agent"],
      "Extension.InvalidExtensionIdentifier: Invalid Lambda-Extension-Identifier",
    ],
    [
      "two of them",
      [`Lambda-Extension-Identifier: ${strangeId}`, `Lambda-Extension-Identifier: ${strangeId}`],
      "Extension.InvalidExtensionIdentifier: Invalid Lambda-Extension-Identifier",
    ],
    [
      "one that was never issued",
      [`lambda-extension-identifier: ${strangeId}`],
      `Extension.UnknownExtensionIdentifier: Unknown extension ${strangeId}`,
    ],
  ];
  for (const [what, headers, refusal] of identifiers) {
    test(`refuses ${what}`, async (t) => {
      const { ask } = await serveExtensions(t);
      assert.equal(refusalIn(await ask(rawCall("GET", nextPath, headers))), `403 ${refusal}`);
    });
  }

  test("refuses a second call on another connection, and the first one stays", async (t) => {
    const { register, open, ask, invoke, api } = await serveExtensions(t);
    const { id } = register("agent", ["INVOKE"]);
    const first = await open();
    first.send(nextCall(id));
    await waitFor(() => waitingCount(api) === 1);
    assert.equal(
      refusalIn(await ask(nextCall(id))),
      `403 Extension.InvalidExtensionState: State transition from Ready to Ready failed for extension ${id}. Error: State transition is not allowed`,
    );
    invoke("one");
    assert.equal(requestIdOf(await answerOn(first)), "one");
  });

  for (const how of ["destroy", "reset", "end"] as const) {
    test(`goes on over a new connection when the first one is lost (${how})`, async (t) => {
      const { register, open, invoke, api } = await serveExtensions(t);
      const { id } = register("agent", ["INVOKE"]);
      const first = await open();
      first.send(nextCall(id));
      await waitFor(() => waitingCount(api) === 1);
      first[how]();
      await waitFor(() => waitingCount(api) === 0);
      assert.equal(api.unready, undefined);
      const second = await open();
      second.send(nextCall(id));
      await waitFor(() => waitingCount(api) === 1);
      invoke("one");
      assert.equal(requestIdOf(await answerOn(second)), "one");
      assert.equal(first.pendingBytes, 0);
    });
  }

  test("keeps an event that comes while no connection is there", async (t) => {
    const { register, open, invoke, api, ask } = await serveExtensions(t);
    const { id } = register("agent", ["INVOKE"]);
    const first = await open();
    first.send(nextCall(id));
    await waitFor(() => waitingCount(api) === 1);
    first.destroy();
    await waitFor(() => waitingCount(api) === 0);
    invoke("one");
    assert.equal(api.unfinished?.id, id);
    assert.equal(requestIdOf(await ask(nextCall(id))), "one");
  });

  test("answers several calls that were sent at once, one after another", async (t) => {
    const { open, invoke, api } = await serveExtensions(t);
    const connection = await open();
    connection.send(registerCall("agent"));
    const id = idOf(await answerOn(connection));
    connection.send(nextCall(id) + nextCall(id) + errorCall(exitErrorPath, id));
    for (const requestId of ["one", "two"]) {
      await waitFor(() => waitingCount(api) === 1);
      invoke(requestId);
      assert.equal(requestIdOf(await answerOn(connection)), requestId);
    }
    assert.equal((await answerOn(connection)).status, 202);
    assert.equal(api.named("agent")?.state, "ExitError");
  });

  test("serves register and many calls of several extensions, each over its one connection", async (t) => {
    const { open, invoke, api } = await serveExtensions(t);
    const connections = await Promise.all(["a", "b", "c"].map(() => open()));
    const ids: string[] = [];
    for (const [index, connection] of connections.entries()) {
      connection.send(registerCall(`agent-${index}`));
      ids.push(idOf(await answerOn(connection)));
    }
    for (let round = 0; round < 50; round += 1) {
      for (const [index, connection] of connections.entries()) {
        connection.send(nextCall(ids[index] ?? ""));
      }
      await waitFor(() => waitingCount(api) === 3);
      assert.equal(api.unfinished, undefined);
      invoke(`id-${round}`);
      for (const connection of connections) {
        assert.equal(requestIdOf(await answerOn(connection)), `id-${round}`);
      }
    }
  });

  test("is answered with 500 when the environment has gone", async (t) => {
    const { ask, detach, register } = await serveExtensions(t);
    const { id } = register("agent");
    detach();
    const refusal = refusalIn(await ask(nextCall(id)));
    assert.equal(refusal, "500 InternalServerError: Internal Server Error");
  });
});
