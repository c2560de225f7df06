import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { describe, test } from "node:test";

import type { RogueAction, RogueExtensionOptions } from "./rogue-extension.ts";
import { runExtension } from "./testdata/fake-extensions-api.ts";
import { waitFor } from "./wait-for.ts";

const invoke = { eventType: "INVOKE", deadlineMs: 1, requestId: "r" };
const shutdown = { eventType: "SHUTDOWN", deadlineMs: 1, shutdownReason: "spindown" };

for (const language of ["node", "python", "bash"] as const) {
  describe(`rogueExtension() in ${language}`, () => {
    test("behaves unless it is told otherwise", async (t) => {
      const { api, journal, output, pid, folder } = await runExtension(t, () => ({ language }));
      api.give(invoke);
      api.give(invoke);
      api.give(shutdown);
      const { code, stdout } = await output.end;
      assert.equal(code, 0);
      const next = "GET /event/next";
      assert.deepEqual(api.routes, ["POST /register", next, next, next]);
      const [register] = api.calls;
      assert.equal(register?.headers["lambda-extension-name"], "agent");
      assert.equal(register?.headers["lambda-extension-accept-feature"], "accountId");
      assert.deepEqual(JSON.parse(register?.body ?? ""), { events: ["INVOKE", "SHUTDOWN"] });
      assert.deepEqual(journal.order, [
        "agent start",
        "agent register",
        "agent INVOKE",
        "agent INVOKE",
        "agent SHUTDOWN",
      ]);
      assert.deepEqual(journal.events("agent"), ["INVOKE", "INVOKE", "SHUTDOWN"]);
      const [start, registered, event] = journal.entries();
      assert.equal(start?.pid, pid);
      assert.equal(start?.environment?.["GIVEN"], 'a "b"\\c');
      assert.deepEqual(Object.keys(start?.environment ?? {}).toSorted(), [
        "AWS_LAMBDA_RUNTIME_API",
        "GIVEN",
        "PATH",
      ]);
      assert.deepEqual(start?.args, []);
      assert.equal(start?.cwd, process.cwd());
      assert.deepEqual([registered?.status, registered?.id], [200, "id-1"]);
      assert.deepEqual(event?.event, invoke);
      assert.equal(event?.eventId, "event-id");
      assert.equal(stdout.match(/^extension \{/gm)?.length, 4);
      assert.ok(existsSync(`${folder}/extensions/agent`));
    });

    const ends: readonly (readonly [string, RogueExtensionOptions, object])[] = [
      ["at the start with a status", { start: ["exit 3"] }, { code: 3, signal: null }],
      ["at the start with 0", { start: ["exit 0"] }, { code: 0, signal: null }],
      ["at the start by a signal", { start: ["exit SIGKILL"] }, { code: null, signal: "SIGKILL" }],
      ["before next", { registered: ["exit 4"] }, { code: 4, signal: null }],
      ["in the invocation told", { invoke: ["exit 5"], invokeFrom: 2 }, { code: 5, signal: null }],
      ["at SHUTDOWN", { shutdown: ["exit 6"] }, { code: 6, signal: null }],
    ];
    for (const [when, options, expected] of ends) {
      test(`ends ${when}`, async (t) => {
        const { api, output } = await runExtension(t, () => ({ language, ...options }));
        for (const event of [invoke, invoke, shutdown]) api.give(event);
        const { code, signal, stderr } = await output.end;
        assert.deepEqual({ code, signal }, expected, stderr);
        if (options.invokeFrom === 2) assert.equal(api.routes.length, 3);
      });
    }

    test("says that it failed", async (t) => {
      const { api, journal, output } = await runExtension(t, () => ({
        language,
        registered: ["init/error Extension.A", "exit/error Extension.B", "exit 1"],
      }));
      assert.equal((await output.end).code, 1);
      const [, first, second] = api.calls;
      assert.equal(first?.route, "POST /init/error");
      assert.equal(first.headers["lambda-extension-function-error-type"], "Extension.A");
      assert.equal(first.headers["lambda-extension-identifier"], "id-1");
      assert.equal(second?.route, "POST /exit/error");
      assert.deepEqual(
        journal.of("init/error").map(({ status, body }) => [status, body]),
        [[202, '"OK"']],
      );
    });

    test("registers wrongly", async (t) => {
      const { api, journal } = await runExtension(t, () => ({
        language,
        registerAs: "other",
        registerBody: '{"events":["it\'s"]',
        registered: ["register", "register third", "next-as nobody", "next-as id-2"],
      }));
      await waitFor(() => api.routes.length === 6);
      const named = api.calls.map(({ headers }) => headers["lambda-extension-name"]);
      assert.deepEqual(named.slice(0, 3), ["other", "other", "third"]);
      assert.equal(api.calls[0]?.body, '{"events":["it\'s"]');
      assert.equal(api.calls[3]?.headers["lambda-extension-identifier"], undefined);
      assert.equal(api.calls[4]?.headers["lambda-extension-identifier"], "id-2");
      assert.deepEqual(
        journal.of("next-as").map(({ status }) => status),
        [403, 403],
      );
    });

    test("waits, touches and prints", async (t) => {
      const { api, journal, output, folder } = await runExtension(t, (own) => ({
        language,
        prints: false,
        start: [`wait ${own}/go`, "note passed", `touch ${own}/done`, "sleep 1"],
        registered: ["print a  b", "complain c", "lines 2", "flood 100000"],
      }));
      await journal.waitFor("start");
      assert.deepEqual([journal.of("passed"), api.routes], [[], []]);
      writeFileSync(`${folder}/go`, "");
      await waitFor(() => existsSync(`${folder}/done`));
      api.give(shutdown);
      const { stdout, stderr } = await output.end;
      assert.match(stdout, /^a\s+b\nline 0\nline 1\n\.{100000}\n$/);
      assert.equal(stderr, "c\n");
    });

    test("subscribes to a destination elsewhere", async (t) => {
      const body = { schemaVersion: "2022-07-01", types: ["platform"] };
      const { api, journal } = await runExtension(t, () => ({
        language,
        subscriptions: [{ body }, { api: "logs", body: "{" }],
        registered: ["subscribe"],
        invoke: ["subscribe 1"],
      }));
      api.give(invoke);
      await journal.waitFor("subscribe", { count: 2 });
      const [, early, , late] = api.calls;
      assert.equal(early?.route, "PUT /2022-07-01/telemetry");
      assert.deepEqual(JSON.parse(early.body), body);
      assert.equal(early.headers["lambda-extension-identifier"], "id-1");
      assert.equal(early.headers["content-type"], "application/json");
      assert.equal(late?.route, "PUT /2020-08-15/logs");
      assert.equal(late.body, "{");
    });

    test("ends when the host refuses its next", async (t) => {
      const { journal, output } = await runExtension(t, () => ({
        language,
        registerAs: "stranger",
      }));
      assert.equal((await output.end).code, 68);
      assert.deepEqual(journal.order, ["agent start", "agent register", "agent next refused"]);
    });
  });
}

for (const language of ["node", "python"] as const) {
  describe(`rogueExtension() in ${language}`, () => {
    for (const protocol of ["HTTP", "TCP"] as const) {
      test(`gets telemetry itself over ${protocol}`, async (t) => {
        const { api, journal } = await runExtension(t, () => ({
          language,
          subscriptions: [{ body: { port: "{port}" }, listener: { protocol, answer: 500 } }],
          registered: ["subscribe"],
        }));
        await journal.waitFor("subscribe");
        const { port } = JSON.parse(api.calls[1]?.body ?? "") as { port: string };
        const record = { time: "t", type: "function", record: "text" };
        if (protocol === "HTTP") {
          const body = JSON.stringify([record, record]);
          const response = await fetch(`http://127.0.0.1:${port}/path`, { method: "POST", body });
          assert.equal(response.status, 500);
          const [batch] = await journal.waitFor("telemetry");
          assert.deepEqual(batch?.records, [record, record]);
          assert.equal(batch.path, "/path");
        } else {
          connect(Number(port), "127.0.0.1").end(`${JSON.stringify(record)}\n`);
          const [batch] = await journal.waitFor("telemetry");
          assert.deepEqual(batch?.records, [record]);
        }
      });
    }

    test("calls next twice at once", async (t) => {
      const { api, journal } = await runExtension(t, () => ({
        language,
        registered: ["double-next"],
      }));
      const [refused] = await journal.waitFor("double-next");
      assert.equal(refused?.status, 403);
      api.give(invoke);
      await journal.waitFor("event");
      await waitFor(() => api.routes.filter((route) => route === "GET /event/next").length === 3);
    });

    test("leaves a process behind that is no child of it", async (t) => {
      const { output, folder } = await runExtension(t, (own) => {
        const start: RogueAction[] = [`daemon ${own}/pid`, "exit 0"];
        return { language, start };
      });
      await output.end;
      const pid = Number(readFileSync(`${folder}/pid`, "utf8"));
      assert.ok(pid > 1);
      t.after(() => process.kill(pid, "SIGKILL"));
      assert.ok(process.kill(pid, 0));
    });
  });
}
