import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Extension } from "./extension.ts";
import { allowedEvents, parseRegisterRequest } from "./register-request.ts";

const call = { name: "agent.sh", features: undefined, body: '{"events":["INVOKE"]}' };

function parserMessage(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    return (error as SyntaxError).message;
  }
  throw new Error(`Expected '${text}' not to be JSON`);
}

describe("parseRegisterRequest()", () => {
  const accepted: readonly (readonly [string, readonly string[]])[] = [
    ['{"events":["INVOKE","SHUTDOWN"]}', ["INVOKE", "SHUTDOWN"]],
    ['{"events":["SHUTDOWN","INVOKE"]}', ["SHUTDOWN", "INVOKE"]],
    ['{"events":["INVOKE","INVOKE"]}', ["INVOKE"]],
    ['{"events":["invoke",""]}', ["invoke", ""]],
    ['{"events":[]}', []],
    ['{"events":null}', []],
    ["{}", []],
    ["null", []],
    ['{"events":["INVOKE"],"more":{"a":[1]}}', ["INVOKE"]],
    ['{"events":["INVOKE"],"configurationKeys":[]}', ["INVOKE"]],
    ['{"events":["INVOKE"],"configurationKeys":null}', ["INVOKE"]],
    [' {"events" : [ "INVOKE" ] }\r\n', ["INVOKE"]],
    ['{"Events":["INVOKE"]}', ["INVOKE"]],
    ['{"EVENTS":["SHUTDOWN"],"events":["INVOKE"]}', ["INVOKE"]],
    ['{"event":["INVOKE"]}', []],
    ['{"__proto__":{"events":["SHUTDOWN"]}}', []],
  ];
  for (const [body, events] of accepted) {
    test(`reads ${JSON.stringify(events)} in ${body.trim()}`, () => {
      const expected = { name: "agent.sh", events, wantsAccountId: false };
      assert.deepEqual(parseRegisterRequest({ ...call, body }), expected);
    });
  }

  for (const name of [undefined, ""]) {
    test(`refuses the name ${JSON.stringify(name)}, before it looks at the body`, () => {
      assert.deepEqual(parseRegisterRequest({ ...call, name, body: "{" }), {
        status: 403,
        errorType: "Extension.InvalidExtensionName",
        errorMessage: "Empty extension name",
      });
    });
  }

  for (const body of ["", "{", "events", '{"events":["INVOKE"]}}', "[".repeat(100_000)]) {
    test(`refuses '${body.slice(0, 30)}', which is not JSON, with the parser's message`, () => {
      assert.deepEqual(parseRegisterRequest({ ...call, body }), {
        status: 403,
        errorType: "InvalidRequestFormat",
        errorMessage: parserMessage(body),
      });
    });
  }

  const keys = "configurationKeys are deprecated; use environment variables instead";
  const misshapen: readonly (readonly [string, string])[] = [
    ['{"configurationKeys":["A"]}', keys],
    ['{"ConfigurationKeys":["A"]}', keys],
    ['{"events":["NOPE"],"configurationKeys":["A"]}', keys],
    ['"INVOKE"', "The body must be a JSON object"],
    ["1", "The body must be a JSON object"],
    ["true", "The body must be a JSON object"],
    ['["INVOKE"]', "The body must be a JSON object"],
    ['{"events":"INVOKE"}', "events must be an array of strings"],
    ['{"events":{}}', "events must be an array of strings"],
    ['{"events":0}', "events must be an array of strings"],
    ['{"events":[1]}', "events must be an array of strings"],
    ['{"events":["INVOKE",null]}', "events must be an array of strings"],
    ['{"configurationKeys":"A"}', "configurationKeys must be an array"],
    ['{"configurationKeys":{"a":1}}', "configurationKeys must be an array"],
  ];
  for (const [body, errorMessage] of misshapen) {
    test(`refuses ${body}`, () => {
      const refusal = { status: 403, errorType: "InvalidRequestFormat", errorMessage };
      assert.deepEqual(parseRegisterRequest({ ...call, body }), refusal);
    });
  }

  test("reads or refuses any text, and throws at none", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc
        .dictionary(fc.constantFrom("events", "Events", "configurationKeys", "x"), fc.jsonValue())
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(texts, fc.string(), (body, text) => {
        const read = parseRegisterRequest({ ...call, body, features: text });
        if ("status" in read) {
          assert.equal(read.status, 403);
          assert.equal(read.errorType, "InvalidRequestFormat");
          assert.notEqual(read.errorMessage, "");
        } else {
          assert.ok(read.events.every((event) => typeof event === "string"));
          assert.equal(new Set(read.events).size, read.events.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("reads a body that is nested deeper than any stack", () => {
    const depth = 200_000;
    const body = `{"x":${"[".repeat(depth)}${"]".repeat(depth)},"events":["INVOKE"]}`;
    const expected = { name: "agent.sh", events: ["INVOKE"], wantsAccountId: false };
    assert.deepEqual(parseRegisterRequest({ ...call, body }), expected);
  });

  const features: readonly (readonly [string | undefined, boolean])[] = [
    [undefined, false],
    ["", false],
    ["accountId", true],
    [" accountId ", true],
    ["other, accountId", true],
    ["accountId,other", true],
    ["a,\taccountId\t,b", true],
    ["AccountId", false],
    ["accountid", false],
    ["accountIds", false],
    ["account Id", false],
    [",,", false],
  ];
  for (const [text, wantsAccountId] of features) {
    test(`${wantsAccountId ? "gives" : "does not give"} the account for the features ${JSON.stringify(text)}`, () => {
      const request = parseRegisterRequest({ ...call, features: text });
      assert.deepEqual(request, { name: "agent.sh", events: ["INVOKE"], wantsAccountId });
    });
  }
});

describe("allowedEvents()", () => {
  type Kind = Extension["kind"];
  const none = "No events allowed for internal extensions";
  const noShutdown = "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension";
  /** Kind, several at once, events, message of the refusal. */
  const cases: readonly (readonly [Kind, boolean, readonly string[], string | undefined])[] = [
    ["external", false, [], undefined],
    ["external", false, ["INVOKE"], undefined],
    ["external", false, ["SHUTDOWN"], undefined],
    ["external", false, ["SHUTDOWN", "INVOKE"], undefined],
    ["external", false, ["invoke"], "invoke: ErrorInvalidEventType"],
    ["external", false, ["Shutdown"], "Shutdown: ErrorInvalidEventType"],
    ["external", false, ["INVOKE", "RESTORE"], "RESTORE: ErrorInvalidEventType"],
    ["external", false, [""], ": ErrorInvalidEventType"],
    ["external", false, ["A", "B"], "A: ErrorInvalidEventType"],
    ["internal", false, [], undefined],
    ["internal", false, ["INVOKE"], undefined],
    ["internal", false, ["SHUTDOWN"], noShutdown],
    ["internal", false, ["INVOKE", "SHUTDOWN"], noShutdown],
    ["internal", false, ["NOPE", "SHUTDOWN"], "NOPE: ErrorInvalidEventType"],
    ["external", true, [], undefined],
    ["external", true, ["SHUTDOWN"], undefined],
    ["external", true, ["INVOKE"], "INVOKE: ErrorInvalidEventType"],
    ["internal", true, [], undefined],
    ["internal", true, ["INVOKE"], `INVOKE: ${none}`],
    ["internal", true, ["SHUTDOWN"], `SHUTDOWN: ${none}`],
    ["internal", true, ["NOPE"], "NOPE: ErrorInvalidEventType"],
  ];
  for (const [kind, isConcurrent, events, errorMessage] of cases) {
    const where = isConcurrent ? ", several invocations at once" : "";
    test(`${kind}${where}, ${JSON.stringify(events)}: ${errorMessage ?? "allowed"}`, () => {
      const refusal = { status: 403, errorType: "Extension.InvalidEventType", errorMessage };
      const expected = errorMessage === undefined ? events : refusal;
      assert.deepEqual(allowedEvents(kind, events, isConcurrent), expected);
    });
  }
});
