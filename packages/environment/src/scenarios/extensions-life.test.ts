import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type RogueExtensionOptions, waitFor } from "@lambdad/testkit";
import { languages, lives, startExtensions } from "../testdata/extension-pool.ts";
import { textOf } from "../testdata/pool-fixture.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

for (const language of languages) {
  describe(`an external extension in ${language}`, () => {
    test("is told of each invocation and of the end", async (t) => {
      const { invoke, report, journal, pool, events } = await startExtensions(t, {
        agent: { language },
      });
      assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
      const { headers } = await report();
      await journal.waitFor("event", { count: 2 });
      await pool.stop(0);
      const order = journal.order.filter((step) => step !== "agent register");
      assert.deepEqual(order, [
        "agent start",
        "runtime start",
        "agent INVOKE",
        "agent INVOKE",
        "runtime SIGTERM",
        "agent SHUTDOWN",
      ]);
      const [first, second, last] = journal.of("event");
      assert.deepEqual(second?.event, {
        eventType: "INVOKE",
        deadlineMs: Number(headers["lambda-runtime-deadline-ms"]),
        requestId: headers["lambda-runtime-aws-request-id"],
        invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
        tracing: { type: "X-Amzn-Trace-Id", value: headers["lambda-runtime-trace-id"] },
      });
      const eventIds = [first, second, last].map((entry) => entry?.eventId ?? "");
      for (const id of eventIds) assert.match(id, uuid);
      assert.equal(new Set(eventIds).size, 3);
      assert.equal(last?.event?.shutdownReason, "spindown");
      assert.equal(lives(first), false);
      const told = events.filter(({ type }) => type === "platform.extension");
      assert.deepEqual(
        told.map((event) => event.type === "platform.extension" && [event.name, event.state]),
        [["agent", "Ready"]],
      );
    });

    test("is told what function it is beside", async (t) => {
      const { invoke, journal } = await startExtensions(t, { agent: { language } });
      await invoke({});
      const [registered] = journal.of("register");
      assert.equal(registered?.status, 200);
      assert.match(registered.id ?? "", uuid);
      assert.deepEqual(JSON.parse(registered.body ?? ""), {
        functionName: "rogue",
        functionVersion: "$LATEST",
        handler: "",
        accountId: "012345678912",
      });
    });
  });
}

describe("an environment", () => {
  test("without extensions gives its runtime no SIGTERM and no time", async (t) => {
    const { invoke, journal, pool } = await startExtensions(t, {});
    await invoke({});
    await pool.stop(0);
    assert.deepEqual(journal.order, ["runtime start"]);
  });

  test("with ten extensions in three languages tells all of them", async (t) => {
    const extensions: Record<string, RogueExtensionOptions> = {};
    for (let index = 0; index < 10; index += 1) {
      const language = languages[index % languages.length] ?? "node";
      extensions[`${index}-${language}`] = { language };
    }
    const names = Object.keys(extensions);
    const { invoke, journal, pool, events, faults } = await startExtensions(t, extensions, {
      initTimeoutMs: 30_000,
      timeoutMs: 30_000,
    });
    await invoke({ a: 1 });
    await invoke({ a: 2 });
    await pool.stop(0);
    for (const name of names) {
      assert.deepEqual(journal.events(name), ["INVOKE", "INVOKE", "SHUTDOWN"], name);
    }
    assert.deepEqual(journal.entries().filter(lives), []);
    const told = events.flatMap((event) =>
      event.type === "platform.extension" ? [event.name] : [],
    );
    assert.deepEqual(told, names);
    assert.deepEqual(faults, []);
  });

  test("starts its runtime when all extensions have registered", async (t) => {
    const { invoke, journal, open } = await startExtensions(t, {
      quick: {},
      slow: ({ wait }) => ({ language: "bash", start: [wait("go"), "note passed"] }),
    });
    const answer = invoke({});
    await journal.waitFor("register", { name: "quick" });
    open("go");
    await answer;
    const { order } = journal;
    assert.ok(order.indexOf("slow passed") < order.indexOf("runtime start"), order.join("\n"));
  });

  test("takes its first invocation when all extensions have called next", async (t) => {
    const { invoke, journal, events, open } = await startExtensions(t, {
      quick: {},
      slow: ({ wait }) => ({ language: "python", registered: [wait("go"), "note passed"] }),
    });
    const answer = invoke({});
    const types = (): readonly string[] => events.map(({ type }) => type);
    await waitFor(() => types().includes("platform.initRuntimeDone"));
    assert.deepEqual(types(), ["platform.initStart", "platform.initRuntimeDone"]);
    open("go");
    await answer;
    const { order } = journal;
    assert.ok(order.indexOf("slow passed") < order.indexOf("quick INVOKE"), order.join("\n"));
    assert.deepEqual(types().slice(2, 6), [
      "platform.extension",
      "platform.extension",
      "platform.initReport",
      "platform.start",
    ]);
  });

  test("tells extensions only of what they have subscribed to", async (t) => {
    const { invoke, journal, pool } = await startExtensions(t, {
      both: { events: ["INVOKE", "SHUTDOWN"] },
      invoke: { events: ["INVOKE"] },
      none: { events: [] },
      nothing: { events: null },
      shutdown: { events: ["SHUTDOWN"] },
    });
    await invoke({});
    await invoke({});
    await pool.stop(0);
    assert.deepEqual(journal.events("both"), ["INVOKE", "INVOKE", "SHUTDOWN"]);
    assert.deepEqual(journal.events("invoke"), ["INVOKE", "INVOKE"]);
    assert.deepEqual(journal.events("none"), []);
    assert.deepEqual(journal.events("nothing"), []);
    assert.deepEqual(journal.events("shutdown"), ["SHUTDOWN"]);
    assert.deepEqual(journal.entries().filter(lives), []);
  });

  test("has extensions of its own when there are several in one daemon", async (t) => {
    const { pool, invoke, journal, open } = await startExtensions(
      t,
      // None is free again before all three have an invocation.
      { agent: ({ wait }) => ({ invoke: [wait("go")] }), other: { language: "bash" } },
      { environmentsMax: 3 },
    );
    const answers = await Promise.all([1, 2, 3].map(() => invoke({ report: true })));
    await journal.waitFor("event", { count: 6 });
    open("go");
    for (const name of ["agent", "other"]) {
      const starts = journal.of("start", name);
      assert.equal(new Set(starts.map(({ pid }) => pid)).size, 3);
      const apiOf = new Map(
        starts.map(({ pid, environment }) => [pid, environment?.["AWS_LAMBDA_RUNTIME_API"]]),
      );
      // Who was told of which invocation, by the address of its environment.
      const told = new Map(
        journal.of("event", name).map(({ pid, event }) => [event?.requestId, apiOf.get(pid)]),
      );
      const ran = new Map(
        answers.map((answer) => {
          const { headers, environment } = JSON.parse(textOf(answer));
          return [headers["lambda-runtime-aws-request-id"], environment.AWS_LAMBDA_RUNTIME_API];
        }),
      );
      assert.deepEqual(told, ran);
      assert.equal(new Set(told.values()).size, 3);
    }
    await pool.stop(0);
    assert.equal(journal.of("event").length, 12);
    assert.deepEqual(journal.entries().filter(lives), []);
  });
});
