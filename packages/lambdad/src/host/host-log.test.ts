import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { LogConfiguration } from "../configuration/daemon-configuration.ts";
import { namedPipe } from "../testdata/named-pipe.ts";
import { HostLog } from "./host-log.ts";
import { LineWriter } from "./line-writer.ts";

interface Fixture {
  readonly log: HostLog;
  /** The lines so far. */
  readonly lines: () => Promise<readonly string[]>;
}

function startLog(t: TestContext, options: Partial<LogConfiguration> = {}): Fixture {
  const pipe = namedPipe(t);
  const writer = new LineWriter(pipe.writeDescriptor);
  const log = new HostLog(
    {
      level: "info",
      structured: false,
      printReports: true,
      functionFormat: "Text",
      functionLevel: undefined,
      ...options,
    },
    writer,
  );
  return {
    log,
    lines: async () => {
      await writer.idle(5_000);
      return pipe.read().split("\n").slice(0, -1);
    },
  };
}

const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

describe("HostLog", () => {
  test("writes a line of text with its facts", async (t) => {
    const { log, lines } = startLog(t);
    await log.open();
    log.write("warn", "invoke.timeout", "It took too long", {
      requestId: "a",
      ms: 3,
      no: undefined,
    });
    const [line = "", ...more] = await lines();
    assert.match(line, new RegExp(`^${time} WARN It took too long requestId=a ms=3$`));
    assert.equal(more.length, 0);
  });

  test("writes an object of JSON when it is structured", async (t) => {
    const { log, lines } = startLog(t, { structured: true });
    await log.open();
    log.write("error", "spawn.error", "no such file", { code: "ENOENT", ms: 3 });
    const [line = ""] = await lines();
    const { time: at, ...rest } = JSON.parse(line) as Record<string, unknown>;
    assert.match(String(at), new RegExp(`^${time}$`));
    assert.deepEqual(rest, {
      level: "error",
      event: "spawn.error",
      code: "ENOENT",
      ms: 3,
      detail: "no such file",
    });
  });

  test("keeps what is said before it is open, in order, and is opened once", async (t) => {
    const { log, lines } = startLog(t);
    log.write("info", "a", "one");
    log.write("info", "b", "two");
    assert.deepEqual(await lines(), []);
    await Promise.all([log.open(), log.open()]);
    log.write("info", "c", "three");
    const texts = (await lines()).map((line) => line.split(" ").at(-1));
    assert.deepEqual(texts, ["one", "two", "three"]);
  });

  for (const [level, expected] of [
    ["debug", ["DEBUG", "INFO", "WARN", "ERROR"]],
    ["info", ["INFO", "WARN", "ERROR"]],
    ["warn", ["WARN", "ERROR"]],
    ["error", ["ERROR"]],
    ["fatal", []],
  ] as const) {
    test(`writes ${expected.join(", ") || "nothing"} at level ${level}`, async (t) => {
      const { log, lines } = startLog(t, { level });
      await log.open();
      for (const each of ["debug", "info", "warn", "error"] as const) log.write(each, "e", "text");
      assert.deepEqual(
        (await lines()).map((line) => line.split(" ")[1]),
        expected,
      );
    });
  }

  for (const structured of [false, true]) {
    const form = structured ? "JSON" : "text";
    test(`writes no secret as ${form} (INV-10)`, async (t) => {
      const { log, lines } = startLog(t, { structured });
      await log.open();
      log.write("error", "e", "Cannot reach amqp://me:hunter2@host", {
        authorization: "Bearer hunter2",
        sessionToken: "hunter2",
        cause: "password=hunter2",
      });
      const [line = ""] = await lines();
      assert.doesNotMatch(line, /hunter2/);
      assert.match(line, /Cannot reach amqp:\/\/\[redacted\]@host/);
    });

    test(`lets no value begin a line of its own or speak to a terminal as ${form}`, async (t) => {
      const { log, lines } = startLog(t, { structured });
      await log.open();
      const forged = "a\r\nSTART RequestId: forged\u001b[2J\u009b2J\u0000\u202e";
      log.write("warn", "e", forged, { path: forged });
      const all = await lines();
      assert.equal(all.length, 1);
      // What is left of control characters are backslashes and digits.
      assert.match(all[0] ?? "", /^[\x20-\x7e]+$/);
      assert.match(all[0] ?? "", /\\u001b\[2J\\u009b2J\\u0000\\u202e/);
    });
  }

  test("quotes values that are not one word", async (t) => {
    const { log, lines } = startLog(t);
    await log.open();
    log.write("info", "e", "text", { a: "two words", b: "", c: "é", d: 'say"so' });
    assert.match((await lines())[0] ?? "", / text a="two words" b="" c="Ã©" d=say"so$/);
  });

  test("refuse() writes at most ten lines of an event at once", async (t) => {
    const { log, lines } = startLog(t);
    await log.open();
    const facts = { status: 404 };
    for (let index = 0; index < 25; index += 1) log.refuse("http.reject", "Refused", facts);
    log.refuse("rapi.reject", "Refused");
    const all = await lines();
    // A second may begin in between, and bring ten more.
    assert.ok(all.filter((line) => line.endsWith("status=404")).length <= 20);
    assert.equal(
      all.filter((line) => / INFO Refused status=404/.test(line)).length,
      all.length - 1,
    );
  });
});
