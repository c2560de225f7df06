import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CollectingWaiter,
  type ExtensionsFixture,
  extensionConfiguration,
  makeExtensions,
  refusalOf,
  strangeId,
} from "../testdata/extensions-fixture.ts";
import type { Extension } from "./extension.ts";
import type { ExtensionsApi } from "./extensions-api.ts";
import type { RegisterCall } from "./register-request.ts";

const notAllowed = "Error: State transition is not allowed";

function callOf(name: string, events: readonly string[] = []): RegisterCall {
  return { name, features: undefined, body: JSON.stringify({ events }) };
}

function close({ api }: { readonly api: ExtensionsApi }): void {
  api.closeRegistration();
}
function fill({ api, register }: ExtensionsFixture): void {
  for (let count = api.all.length; count < 10; count += 1) register(`internal-${count}`);
}

describe("ExtensionsApi.register()", () => {
  test("answers the function's facts and a new identifier", () => {
    const { api, moves, rejects } = makeExtensions({ external: ["agent"] });
    const registered = api.register(callOf("agent", ["INVOKE", "SHUTDOWN"]));
    assert.ok("extension" in registered);
    assert.equal(
      registered.body,
      '{"functionName":"helloWorld","functionVersion":"$LATEST","handler":"app.handler"}',
    );
    const { name, kind, state, events } = registered.extension;
    assert.deepEqual(
      { name, kind, state, events },
      { name: "agent", kind: "external", state: "Registered", events: ["INVOKE", "SHUTDOWN"] },
    );
    assert.equal(moves.count, 1);
    assert.deepEqual(rejects, []);
  });

  test("adds the account when it was asked for", () => {
    const { api } = makeExtensions();
    const registered = api.register({ ...callOf("agent"), features: "accountId" });
    assert.ok("body" in registered);
    const { name, version, handler, accountId } = extensionConfiguration;
    assert.deepEqual(JSON.parse(registered.body), {
      functionName: name,
      functionVersion: version,
      handler,
      accountId,
    });
  });

  test("takes any name that is no file's as an internal extension's", () => {
    const { api, register } = makeExtensions({ external: ["agent.sh"] });
    for (const name of ["agent", "AGENT.SH", "agent.sh ", "./agent.sh", "GoLangEnableSIGTERM"]) {
      assert.equal(register(name).kind, "internal", name);
    }
    assert.equal(register("agent.sh").kind, "external");
    assert.equal(api.all.length, 6);
  });

  /** What is called, what has happened before, and the answer. The earlier check wins (AWS). */
  const refusals: readonly (readonly [
    string,
    RegisterCall,
    (fixture: ExtensionsFixture) => void,
    string,
  ])[] = [
    [
      "no name",
      { ...callOf(""), body: "{" },
      close,
      "Extension.InvalidExtensionName: Empty extension name",
    ],
    [
      "deprecated members before events",
      { ...callOf("new"), body: '{"events":["NOPE"],"configurationKeys":["A"]}' },
      close,
      "InvalidRequestFormat: configurationKeys are deprecated; use environment variables instead",
    ],
    [
      "an unknown event before closed registration",
      callOf("new", ["NOPE"]),
      close,
      "Extension.InvalidEventType: NOPE: ErrorInvalidEventType",
    ],
    [
      "SHUTDOWN for an internal extension before the limit",
      callOf("new", ["SHUTDOWN"]),
      fill,
      "Extension.InvalidEventType: SHUTDOWN: ShutdownEventNotSupportedForInternalExtension",
    ],
    [
      "closed registration before the limit",
      callOf("new"),
      (fixture) => {
        fill(fixture);
        close(fixture);
      },
      "Extension.RegistrationClosed: Extension registration closed already",
    ],
    [
      "closed registration before a name that is taken",
      callOf("internal-0"),
      (fixture) => {
        fixture.register("internal-0");
        close(fixture);
      },
      "Extension.RegistrationClosed: Extension registration closed already",
    ],
    [
      "the eleventh",
      callOf("new"),
      fill,
      "Extension.TooManyExtensions: Extension limit (10) reached",
    ],
    [
      "the limit before a name that is taken",
      callOf("internal-9"),
      fill,
      "Extension.TooManyExtensions: Extension limit (10) reached",
    ],
    [
      "an internal extension's second registration",
      callOf("again"),
      ({ register }) => register("again"),
      "Extension.InvalidExtensionState: Extension with this name already registered",
    ],
    [
      "an unknown event before the state",
      callOf("agent", ["NOPE"]),
      ({ register }) => register("agent"),
      "Extension.InvalidEventType: NOPE: ErrorInvalidEventType",
    ],
    [
      "an external extension's second registration",
      callOf("agent", ["INVOKE"]),
      ({ register }) => register("agent"),
      `Extension.InvalidExtensionState: State transition from Registered to Registered failed for extension agent. ${notAllowed}`,
    ],
    [
      "an external extension that waits in next",
      callOf("agent"),
      ({ ready }) => ready("agent"),
      `Extension.InvalidExtensionState: State transition from Ready to Registered failed for extension agent. ${notAllowed}`,
    ],
    [
      "an external extension that could not be started",
      callOf("agent"),
      ({ api }) => api.named("agent")?.apply("launchFailed"),
      `Extension.InvalidExtensionState: State transition from LaunchError to Registered failed for extension agent. ${notAllowed}`,
    ],
  ];
  for (const [what, call, before, refusal] of refusals) {
    test(`refuses ${what}`, () => {
      const fixture = makeExtensions({ external: ["agent"] });
      before(fixture);
      const [states, moved] = [statesOf(fixture.api), fixture.moves.count];
      assert.equal(refusalOf(fixture.api.register(call)), refusal);
      assert.deepEqual(statesOf(fixture.api), states);
      assert.equal(fixture.moves.count, moved);
      assert.deepEqual(fixture.rejects, ["extension_register"]);
    });
  }

  test("takes ten, external and internal together", () => {
    const external = ["a", "b", "c", "d"];
    const { api, register } = makeExtensions({ external });
    for (const name of ["e", "f", "g", "h", "i", "j"]) register(name, ["INVOKE"]);
    for (const name of external) register(name, ["INVOKE"]);
    assert.equal(api.all.length, 10);
    assert.ok("errorType" in api.register(callOf("k")));
  });

  test("a refused registration takes none of the places, and may be repaired", () => {
    const { api, register } = makeExtensions({ external: ["agent"] });
    for (let count = 0; count < 20; count += 1) api.register(callOf(`bad-${count}`, ["SHUTDOWN"]));
    api.register(callOf("agent", ["invoke"]));
    assert.equal(api.named("agent")?.state, "Started");
    assert.deepEqual(register("agent", ["INVOKE"]).events, ["INVOKE"]);
    assert.equal(api.all.length, 1);
  });

  test("takes an external extension whose registration is late", () => {
    const { api, register } = makeExtensions({ external: ["agent"] });
    api.closeRegistration();
    assert.equal(register("agent").state, "Registered");
  });

  test("gives INVOKE to nobody when several invocations run at once", () => {
    const { api } = makeExtensions({ external: ["agent"], isConcurrent: true });
    assert.equal(
      refusalOf(api.register(callOf("agent", ["SHUTDOWN", "INVOKE"]))),
      "Extension.InvalidEventType: INVOKE: ErrorInvalidEventType",
    );
    assert.equal(
      refusalOf(api.register(callOf("inside", ["INVOKE"]))),
      "Extension.InvalidEventType: INVOKE: No events allowed for internal extensions",
    );
    assert.ok("extension" in api.register(callOf("agent", ["SHUTDOWN"])));
    assert.ok("extension" in api.register(callOf("inside")));
  });
});

function statesOf(api: ExtensionsApi): readonly (readonly [string, string])[] {
  return api.all.map(({ name, state }) => [name, state]);
}

describe("the identifier of a call", () => {
  type Ask = (api: ExtensionsApi, id: string | undefined) => object | undefined;
  const calls: Readonly<Record<string, readonly [Ask, string]>> = {
    "next()": [
      (api, id) => api.next(id, new CollectingWaiter()),
      `Extension.UnknownExtensionIdentifier: Unknown extension ${strangeId}`,
    ],
    "identified()": [
      (api, id) => api.identified(id),
      `Extension.UnknownExtensionIdentifier: Unknown extension ${strangeId}`,
    ],
    "init/error": [
      (api, id) => api.error("initError", id, "Extension.Bad"),
      "Extension.UnknownExtensionIdentifier: Unknown Lambda-Extension-Identifier",
    ],
    "exit/error": [
      (api, id) => api.error("exitError", id, "Extension.Bad"),
      "Extension.UnknownExtensionIdentifier: Unknown Lambda-Extension-Identifier",
    ],
  };
  for (const [name, [call, unknown]] of Object.entries(calls)) {
    const missing =
      "Extension.MissingExtensionIdentifier: Missing Lambda-Extension-Identifier header";
    const invalid = "Extension.InvalidExtensionIdentifier: Invalid Lambda-Extension-Identifier";
    const cases: readonly (readonly [string | undefined, string])[] = [
      [undefined, missing],
      ["", missing],
      ["agent", invalid],
      [`${strangeId}0`, invalid],
      [` ${strangeId}`, invalid],
      [strangeId.replace("0", "g"), invalid],
      [strangeId, unknown],
      [strangeId.toUpperCase(), unknown],
    ];
    for (const [id, refusal] of cases) {
      test(`${name} refuses ${JSON.stringify(id)}`, () => {
        const { api, register, rejects, moves } = makeExtensions();
        register("agent");
        assert.equal(refusalOf(call(api, id)), refusal);
        assert.deepEqual(rejects, ["extension_identifier"]);
        assert.equal(moves.count, 1);
      });
    }

    test(`${name} knows no extension that has not registered`, () => {
      const { api } = makeExtensions({ external: ["agent"] });
      const { id } = api.named("agent") as Extension;
      assert.equal(refusalOf(call(api, id)), unknown.replace(strangeId, id));
    });

    test(`${name} knows no identifier of another environment`, () => {
      const { id } = makeExtensions().register("agent");
      const { api, register } = makeExtensions();
      register("agent");
      assert.equal(refusalOf(call(api, id)), unknown.replace(strangeId, id));
    });
  }

  test("is compared without case", () => {
    const { api, register } = makeExtensions();
    const extension = register("agent");
    assert.equal(api.identified(extension.id.toUpperCase()), extension);
  });
});

describe("ExtensionsApi.error()", () => {
  const missing = "Extension.MissingHeader: Lambda-Extension-Function-Error-Type not found";
  for (const call of ["initError", "exitError"] as const) {
    for (const errorType of [undefined, ""]) {
      test(`${call} refuses the type ${JSON.stringify(errorType)}, before it looks the identifier up`, () => {
        const { api, register, rejects } = makeExtensions();
        const { id } = register("agent");
        assert.equal(refusalOf(api.error(call, id, errorType)), missing);
        assert.equal(refusalOf(api.error(call, strangeId, errorType)), missing);
        assert.match(refusalOf(api.error(call, "agent", errorType)), /^Extension\.Invalid/);
        assert.match(refusalOf(api.error(call, undefined, errorType)), /^Extension\.MissingExt/);
        assert.equal(rejects.length, 4);
        assert.equal(api.named("agent")?.state, "Registered");
      });
    }

    test(`${call} refuses the type before the state`, () => {
      const { api, ready } = makeExtensions();
      const [{ id }] = ready("agent");
      assert.equal(refusalOf(api.error("initError", id, "")), missing);
    });
  }

  const types: readonly (readonly ["initError" | "exitError", string, string])[] = [
    ["initError", "Extension.ConfigInvalid", "Extension.ConfigInvalid"],
    ["exitError", "Extension.ConfigInvalid", "Extension.ConfigInvalid"],
    ["initError", "Error: Extension.ConfigInvalid (1)", "Error: Extension.ConfigInvalid (1)"],
    ["initError", "ConfigInvalid", "Extension.InitError"],
    ["exitError", "ConfigInvalid", "Extension.ExitError"],
    ["initError", "Extension.configInvalid", "Extension.InitError"],
    ["exitError", "Extension.X", "Extension.ExitError"],
    ["exitError", "Runtime.Unknown", "Extension.ExitError"],
  ];
  for (const [call, sent, kept] of types) {
    test(`${call} keeps '${sent}' as '${kept}'`, () => {
      const { api, register, errors } = makeExtensions();
      const extension = register("agent");
      assert.equal(api.error(call, extension.id, sent), undefined);
      assert.equal(extension.errorType, kept);
      assert.equal(extension.state, call === "initError" ? "InitError" : "ExitError");
      assert.deepEqual(errors, [[extension, call]]);
    });
  }

  test("accepts the same error again, and the first one counts", () => {
    for (const call of ["initError", "exitError"] as const) {
      const { api, register, errors } = makeExtensions();
      const extension = register("agent");
      assert.equal(api.error(call, extension.id, "Extension.First"), undefined);
      assert.equal(api.error(call, extension.id, "Extension.Second"), undefined);
      assert.equal(extension.errorType, "Extension.First");
      assert.equal(errors.length, 1);
    }
  });

  test("after an error nothing else succeeds", () => {
    const [init, exit] = ["initError", "exitError"] as const;
    const cases = [
      [init, "InitError", exit, "Exited"],
      [exit, "ExitError", init, "InitError"],
    ] as const;
    for (const [first, state, other, target] of cases) {
      const { api, register, errors, rejects } = makeExtensions({ external: ["agent"] });
      const { id } = register("agent", ["INVOKE", "SHUTDOWN"]);
      assert.equal(api.error(first, id, "Extension.First"), undefined);
      const refused = (to: string, who: string): string =>
        `Extension.InvalidExtensionState: State transition from ${state} to ${to} failed for extension ${who}. ${notAllowed}`;
      assert.equal(refusalOf(api.error(other, id, "Extension.Second")), refused(target, id));
      assert.equal(refusalOf(api.next(id, new CollectingWaiter())), refused("Ready", id));
      assert.equal(refusalOf(api.register(callOf("agent"))), refused("Registered", "agent"));
      assert.deepEqual(rejects, ["extension_state", "extension_state", "extension_register"]);
      assert.equal(errors.length, 1);
    }
  });
});
