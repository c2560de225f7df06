import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { rogueExtension, type RogueExtensionOptions } from "@lambdad/testkit";
import { languages, lives, startExtensions } from "../testdata/extension-pool.ts";
import { platformBody } from "../testdata/pool-fixture.ts";

describe("the folder of extensions", () => {
  test("may hold folders, which are ignored", async (t) => {
    const { extensionsDir, invoke, journal } = await startExtensions(t, { agent: {} });
    const nested = join(extensionsDir, "folder");
    mkdirSync(nested);
    rogueExtension(nested, "nested", { journal: journal.file });
    symlinkSync(nested, join(extensionsDir, "link"));
    await invoke({});
    await journal.waitFor("event");
    assert.deepEqual(journal.entries("nested"), []);
  });

  test("may hold a link to an extension, whose name is the link's", async (t) => {
    const { extensionsDir, invoke, journal } = await startExtensions(t, {});
    const elsewhere = `${extensionsDir}-elsewhere`;
    const file = rogueExtension(elsewhere, "agent.sh", {
      language: "bash",
      journal: journal.file,
      registerAs: "linked",
    });
    mkdirSync(extensionsDir);
    symlinkSync(file, join(extensionsDir, "linked"));
    await invoke({});
    assert.equal((await journal.waitFor("event")).length, 1);
  });

  test("may come later: each environment looks again", async (t) => {
    const { extensionsDir, invoke, journal, pool } = await startExtensions(t, {});
    await invoke({});
    rogueExtension(extensionsDir, "agent", { journal: journal.file });
    pool.renew();
    await invoke({});
    assert.equal((await journal.waitFor("event")).length, 1);
  });

  test("with eleven files is a launch error, and none of them is started", async (t) => {
    const extensions: Record<string, RogueExtensionOptions> = {};
    for (let index = 0; index < 11; index += 1) extensions[`agent-${index}`] = {};
    const { invoke, journal, ends, faults } = await startExtensions(t, extensions);
    const { errorType, errorMessage } = platformBody(await invoke({}));
    assert.equal(errorType, "Extension.LaunchError");
    assert.match(errorMessage, /11 extensions/);
    assert.deepEqual(ends, ["init"]);
    assert.deepEqual(journal.entries(), []);
    assert.ok(faults.some(({ event }) => event === "ext.launch_error"));
  });

  const broken: readonly (readonly [string, (file: string) => void, RegExp])[] = [
    [
      "is not executable",
      (file) => {
        chmodSync(file, 0o644);
      },
      /agent: permission denied$/,
    ],
    [
      "names an interpreter that does not exist",
      (file) => {
        writeFileSync(file, "#!/no/such/interpreter\n");
      },
      /agent: ENOENT$/,
    ],
  ];
  for (const [what, spoil, text] of broken) {
    test(`with a file that ${what} is a launch error (EX-2)`, async (t) => {
      const { extensionsDir, invoke, journal, faults, events } = await startExtensions(t, {
        agent: {},
        good: { language: "bash" },
      });
      spoil(join(extensionsDir, "agent"));
      const { errorType, errorMessage } = platformBody(await invoke({}));
      assert.equal(errorType, "Extension.LaunchError");
      assert.match(errorMessage, text);
      const told = faults.find(({ event }) => event === "ext.launch_error");
      assert.equal(told?.["name"], "agent");
      assert.deepEqual(journal.entries("runtime"), []);
      const states = events.flatMap((event) =>
        event.type === "platform.extension" && event.name === "agent"
          ? [[event.state, event.errorType]]
          : [],
      );
      const reason = String(text).includes("denied") ? "PermissionDenied" : "UnknownError";
      assert.deepEqual(states, [["LaunchError", reason]]);
    });
  }
});

describe("the variables of an external extension", () => {
  const withheld = [
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_PORT",
    "_CUSTOM",
  ];
  for (const language of languages) {
    test(`in ${language} are the customer's and the platform's, less those of the code`, async (t) => {
      const variables: Record<string, string> = {
        AWS_ACCESS_KEY_ID: "id",
        AWS_SECRET_ACCESS_KEY: "secret",
        AWS_SESSION_TOKEN: "token",
        LD_LIBRARY_PATH: "/opt/lib",
        CUSTOM: "with = and 'quotes' and\ttab",
      };
      for (const name of withheld) variables[name] = "withheld";
      const { report, journal } = await startExtensions(t, { agent: { language } }, { variables });
      const { environment: ofRuntime } = await report();
      const [start] = journal.of("start", "agent");
      const given = start?.environment ?? {};
      assert.deepEqual(
        Object.keys(given).filter((name) => withheld.includes(name) || name.startsWith("_")),
        // Our own mark, by which what a function leaves behind is found.
        ["_LAMBDAD_INSTANCE"],
      );
      const platform = {
        AWS_REGION: "us-east-1",
        AWS_DEFAULT_REGION: "us-east-1",
        AWS_LAMBDA_FUNCTION_NAME: "rogue",
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
        AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
        TZ: ":UTC",
      };
      for (const [name, value] of Object.entries(platform)) assert.equal(given[name], value, name);
      for (const name of ["PATH", "LANG", "AWS_LAMBDA_RUNTIME_API"]) {
        assert.equal(given[name], ofRuntime[name], name);
      }
      for (const [name, value] of Object.entries(variables)) {
        if (!withheld.includes(name)) assert.equal(given[name], value, name);
      }
      assert.deepEqual(start?.args, []);
      assert.ok(lives(start));
    });
  }
});
