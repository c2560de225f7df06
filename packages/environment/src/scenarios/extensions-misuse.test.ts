import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawConnection, type RogueExtensionOptions } from "@lambdad/testkit";
import { languages, startExtensions } from "../testdata/extension-pool.ts";
import { platformBody, textOf } from "../testdata/pool-fixture.ts";

const strangeId = "01234567-89ab-cdef-0123-456789abcdef";

/** Registrations that are refused: nothing that the extension can do afterwards is allowed. */
const refusedRegistrations: readonly {
  readonly what: string;
  readonly options: RogueExtensionOptions;
  readonly errorType: string;
  readonly message: RegExp;
}[] = [
  {
    what: "for an event that does not exist",
    options: { events: ["INVOKE", "DANCE"] },
    errorType: "Extension.InvalidEventType",
    message: /^DANCE: ErrorInvalidEventType$/,
  },
  {
    what: "for an event in small letters",
    options: { events: ["invoke"] },
    errorType: "Extension.InvalidEventType",
    message: /^invoke: ErrorInvalidEventType$/,
  },
  {
    what: "with a body that is no JSON",
    options: { registerBody: '{"events":["INVOKE"' },
    errorType: "InvalidRequestFormat",
    message: /./,
  },
  {
    what: "with keys of a configuration",
    options: { registerBody: '{"configurationKeys":["a"]}' },
    errorType: "InvalidRequestFormat",
    message: /^configurationKeys are deprecated/,
  },
  {
    what: "under another name than its file's, for SHUTDOWN",
    options: { registerAs: "other" },
    errorType: "Extension.InvalidEventType",
    message: /^SHUTDOWN: ShutdownEventNotSupportedForInternalExtension$/,
  },
];

for (const language of languages) {
  describe(`an extension in ${language} that registers`, () => {
    for (const { what, options, errorType, message } of refusedRegistrations) {
      test(`${what} is refused, and its end fails the initialisation (EX-2)`, async (t) => {
        const { invoke, journal, rejects } = await startExtensions(t, {
          agent: { language, ...options },
        });
        assert.deepEqual(platformBody(await invoke({}, { requestId: "id" })), {
          errorType: "Extension.Crash",
          errorMessage: "RequestId: id Error: exit status 68",
        });
        const [register] = journal.of("register");
        assert.equal(register?.status, 403);
        const body = JSON.parse(register.body ?? "");
        assert.equal(body.errorType, errorType);
        assert.match(body.errorMessage, message);
        const [next] = journal.of("next refused");
        assert.equal(next?.status, 403);
        assert.equal(JSON.parse(next.body ?? "").errorType, "Extension.MissingExtensionIdentifier");
        assert.deepEqual(rejects, ["extension_register", "extension_identifier"]);
      });
    }

    test("twice, and calls with wrong identifiers, is refused and serves on", async (t) => {
      const { invoke, journal } = await startExtensions(t, {
        agent: {
          language,
          start: [`next-as ${strangeId}`],
          registered: ["register", "next-as nobody", "next-as x", `next-as ${strangeId}`],
          invoke: ["init/error Extension.TooLate"],
        },
      });
      assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
      assert.deepEqual(JSON.parse(textOf(await invoke({ a: 2 }))), { a: 2 });
      const late = await journal.waitFor("init/error");
      const [first, second] = journal.of("register");
      assert.deepEqual([first?.status, second?.status], [200, 403]);
      const id = first?.id ?? "";
      const refusals = [second, ...journal.of("next-as"), late[0]].map((entry) => {
        const { errorType, errorMessage } = JSON.parse(entry?.body ?? "");
        return [entry?.status, errorType, errorMessage];
      });
      const notAllowed = "Error: State transition is not allowed";
      assert.deepEqual(refusals, [
        [
          403,
          "Extension.InvalidExtensionState",
          `State transition from Registered to Registered failed for extension agent. ${notAllowed}`,
        ],
        [403, "Extension.UnknownExtensionIdentifier", `Unknown extension ${strangeId}`],
        [403, "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"],
        [403, "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"],
        [403, "Extension.UnknownExtensionIdentifier", `Unknown extension ${strangeId}`],
        [
          403,
          "Extension.InvalidExtensionState",
          `State transition from Running to InitError failed for extension ${id}. ${notAllowed}`,
        ],
      ]);
      assert.equal(journal.of("start", "agent").length, 1);
    });
  });
}

describe("event/next", () => {
  for (const language of ["node", "python"] as const) {
    test(`called twice at once in ${language} is refused once, and serves on`, async (t) => {
      const { invoke, journal } = await startExtensions(t, {
        agent: { language, registered: ["double-next"] },
      });
      assert.equal((await invoke({})).kind, "returned");
      assert.equal((await invoke({})).kind, "returned");
      await journal.waitFor("event", { count: 2 });
      const [refused] = journal.of("double-next");
      assert.equal(refused?.status, 403);
      assert.match(refused.body ?? "", /State transition from Ready to Ready failed/);
    });
  }

  test("may be called again when its connection was lost", async (t) => {
    const { invoke, journal } = await startExtensions(t, {
      // The test calls next in its place.
      agent: { events: ["INVOKE"], registered: ["hang"] },
    });
    const answer = invoke({ a: 1 });
    const [{ id } = { id: "" }] = await journal.waitFor("register");
    const [start] = journal.of("start", "agent");
    const port = Number(start?.environment?.["AWS_LAMBDA_RUNTIME_API"]?.split(":")[1]);
    const next = `GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: localhost\r\nLambda-Extension-Identifier: ${id}\r\n\r\n`;
    const lost = await RawConnection.open(port);
    await lost.sendAll(next);
    // Answered with 403 until the host has seen that the first connection is gone.
    lost.reset();
    for (;;) {
      const connection = await RawConnection.open(port);
      connection.send(next);
      const response = await connection.readResponse();
      connection.destroy();
      assert.ok(response !== undefined);
      if (response.status === 200) {
        assert.equal(JSON.parse(response.body.toString()).eventType, "INVOKE");
        break;
      }
      assert.equal(response.status, 403);
    }
    assert.deepEqual(JSON.parse(textOf(await answer)), { a: 1 });
  });
});
