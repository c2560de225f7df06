import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { waitFor } from "@lambdad/testkit";
import type { ProcessExit } from "../platform-error.ts";
import { poolMark } from "../process/process-tree.ts";
import { temporaryFolder } from "../testdata/pool-fixture.ts";
import { ExternalExtensions } from "./external-extensions.ts";

/** External extensions that are shell scripts, and all that was heard of them, in order. */
interface Fixture {
  readonly folder: string;
  readonly externals: ExternalExtensions;
  readonly lines: string[];
  readonly exits: (readonly [string, ProcessExit])[];
  readonly launchErrors: (readonly [string, string])[];
  readonly events: string[];
}

interface FixtureOptions {
  /** Name and script; without `#!` it is the file's whole content. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly mode?: number;
  readonly launcher?: readonly string[];
  readonly lineBytesMax?: number;
}

async function prepare(t: TestContext, options: FixtureOptions): Promise<Fixture> {
  const { scripts, mode = 0o755, launcher = [], lineBytesMax = 1_000 } = options;
  const folder = join(await temporaryFolder(t), "extensions");
  await mkdir(folder);
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), script);
    await chmod(join(folder, name), mode);
  }
  const fixture = {
    folder,
    lines: [] as string[],
    exits: [] as (readonly [string, ProcessExit])[],
    launchErrors: [] as (readonly [string, string])[],
    events: [] as string[],
  };
  const externals = new ExternalExtensions({
    folder,
    cwd: folder,
    variables: { PATH: process.env["PATH"] ?? "", GREETING: "hello" },
    mark: `${poolMark()}1`,
    launcher,
    lineBytesMax,
    onLine: (name, line) => {
      fixture.lines.push(`${name}: ${line.toString()}`);
      fixture.events.push("line");
    },
    onExit: (name, exit) => {
      fixture.exits.push([name, exit]);
      fixture.events.push(`exit ${name}`);
    },
    onLaunchError: (name, reason) => {
      fixture.launchErrors.push([name, reason]);
      fixture.events.push(`launchError ${name}`);
    },
    onAllEnded: () => fixture.events.push("allEnded"),
  });
  t.after(() => {
    externals.kill();
    externals.dispose();
  });
  return { ...fixture, externals };
}

/** Starts all of them, and waits for the end of the last. */
async function run(t: TestContext, options: FixtureOptions): Promise<Fixture> {
  const fixture = await prepare(t, options);
  for (const name of Object.keys(options.scripts)) fixture.externals.start(name);
  await waitFor(() => fixture.events.includes("allEnded"));
  return fixture;
}

describe("ExternalExtensions", () => {
  test("passes on what a process writes, line by line, with its name", async (t) => {
    const script = '#!/bin/sh\necho one; printf "tw"; printf "o\\n\\n"\n';
    const { lines } = await run(t, { scripts: { "agent.sh": script } });
    assert.deepEqual(lines, ["agent.sh: one\n", "agent.sh: two\n", "agent.sh: \n"]);
  });

  test("ends a last line that has no newline, on both outputs", async (t) => {
    const script = "#!/bin/sh\nprintf out; printf err >&2\n";
    const { lines, events } = await run(t, { scripts: { agent: script } });
    assert.deepEqual(lines.toSorted(), ["agent: err\n", "agent: out\n"]);
    assert.equal(events.at(-1), "allEnded", "a line came after the end");
  });

  test("keeps the lines of standard output and error apart", async (t) => {
    const script = "#!/bin/sh\nprintf a; printf b >&2; sleep 0.05; echo c; echo d >&2\n";
    const { lines } = await run(t, { scripts: { agent: script } });
    assert.deepEqual(lines.toSorted(), ["agent: ac\n", "agent: bd\n"]);
  });

  test("cuts a line that is longer than the limit", async (t) => {
    const script = "#!/bin/sh\nprintf 0123456789abcdef; echo; echo short\n";
    const { lines } = await run(t, { scripts: { agent: script }, lineBytesMax: 10 });
    assert.deepEqual(lines, ["agent: 0123456789 [line cut]\n", "agent: short\n"]);
  });

  test("starts the file without arguments, in its folder, with its variables and none of ours", async (t) => {
    process.env["LAMBDAD_TEST_SECRET"] = "1";
    t.after(() => delete process.env["LAMBDAD_TEST_SECRET"]);
    const script = '#!/bin/sh\necho "$# $(pwd) $0 $GREETING ${LAMBDAD_TEST_SECRET-none}"\n';
    const { folder, lines } = await run(t, { scripts: { agent: script } });
    assert.deepEqual(lines, [`agent: 0 ${folder} ${join(folder, "agent")} hello none\n`]);
  });

  test("starts the file through the launcher", async (t) => {
    const script = '#!/bin/sh\necho "$# $LAUNCHED"\n';
    const launcher = ["/usr/bin/env", "LAUNCHED=yes"];
    const { lines } = await run(t, { scripts: { agent: script }, launcher });
    assert.deepEqual(lines, ["agent: 0 yes\n"]);
  });

  test("tells how each one ended, and once that all have", async (t) => {
    const scripts = {
      clean: "#!/bin/sh\nexit 0\n",
      failed: "#!/bin/sh\nexit 3\n",
      killed: "#!/bin/sh\nkill -SEGV $$\n",
    };
    const { exits, events, externals } = await run(t, { scripts });
    assert.deepEqual(Object.fromEntries(exits), {
      clean: { code: 0, signal: null },
      failed: { code: 3, signal: null },
      killed: { code: null, signal: "SIGSEGV" },
    });
    assert.equal(events.filter((event) => event === "allEnded").length, 1);
    assert.equal(events.at(-1), "allEnded");
    assert.deepEqual(externals.running, []);
    assert.deepEqual(externals.pids, []);
    assert.equal(externals.haveEnded, true);
  });

  test("knows those that run, and gives each a process group of its own", async (t) => {
    const scripts = { a: "#!/bin/sh\nexec sleep 60\n", b: "#!/bin/sh\nexec sleep 60\n" };
    const { externals } = await prepare(t, { scripts });
    assert.equal(externals.haveEnded, true);
    externals.start("a");
    externals.start("b");
    assert.deepEqual(externals.running, ["a", "b"]);
    assert.equal(externals.haveEnded, false);
    const { pids } = externals;
    assert.equal(pids.length, 2);
    for (const pid of pids) assert.equal(groupOf(pid), pid);
  });

  test("kill() of a name ends that one, with its group, and no other", async (t) => {
    const tree = "#!/bin/sh\nsleep 60 &\necho $!\nwait\n";
    const scripts = { tree, other: "#!/bin/sh\nexec sleep 60\n" };
    const { externals, exits, lines } = await prepare(t, { scripts });
    externals.start("tree");
    externals.start("other");
    const child = Number(await waitFor(() => lines[0]?.split(": ")[1]));
    externals.kill("tree");
    await waitFor(() => exits.length === 1);
    assert.deepEqual(exits, [["tree", { code: null, signal: "SIGKILL" }]]);
    await waitFor(() => groupOf(child) === undefined, { what: "the end of its child" });
    assert.deepEqual(externals.running, ["other"]);
    externals.kill("nobody");
    assert.deepEqual(externals.running, ["other"]);
  });

  test("kill() without a name ends all", async (t) => {
    const script = "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 60; done\n";
    const { externals, exits, events } = await prepare(t, { scripts: { a: script, b: script } });
    externals.start("a");
    externals.start("b");
    externals.kill();
    await waitFor(() => events.includes("allEnded"));
    assert.deepEqual(
      exits.map(([, { signal }]) => signal),
      ["SIGKILL", "SIGKILL"],
    );
  });

  test("does not wait for ever for the output of a child that outlives its extension", async (t) => {
    const script = "#!/bin/sh\nsleep 60 &\necho $!\n";
    const { lines, exits, externals } = await run(t, { scripts: { agent: script } });
    assert.deepEqual(exits, [["agent", { code: 0, signal: null }]]);
    const child = Number(lines[0]?.split(": ")[1]);
    assert.notEqual(groupOf(child), undefined);
    externals.dispose();
    await waitFor(() => groupOf(child) === undefined, { what: "the end of its child" });
  });
});

describe("ExternalExtensions cannot start", () => {
  test("a file that may not be executed", async (t) => {
    const script = "#!/bin/sh\nexit 0\n";
    const { folder, externals, ...heard } = await prepare(t, {
      scripts: { agent: script },
      mode: 0o644,
    });
    externals.start("agent");
    assert.deepEqual(heard.launchErrors, [
      ["agent", `fork/exec ${join(folder, "agent")}: permission denied`],
    ]);
    assert.equal(externals.haveEnded, true);
    assert.deepEqual(externals.running, []);
  });

  const links: readonly (readonly [string, string, RegExp])[] = [
    ["a link to nothing", "none", /^fork\/exec .*\/agent: no such file or directory$/],
    ["a link to itself", "agent", /^fork\/exec .*\/agent: ELOOP$/],
  ];
  for (const [what, target, reason] of links) {
    test(what, async (t) => {
      const { folder, externals, launchErrors } = await prepare(t, { scripts: {} });
      await symlink(join(folder, target), join(folder, "agent"));
      externals.start("agent");
      assert.equal(launchErrors.length, 1);
      assert.match(launchErrors[0]?.[1] ?? "", reason);
      assert.equal(externals.haveEnded, true);
    });
  }

  test("a script without its interpreter, which only the kernel finds out", async (t) => {
    const scripts = { agent: "#!/no/such/interpreter\n" };
    const { folder, launchErrors, exits, events } = await run(t, { scripts });
    assert.deepEqual(launchErrors, [["agent", `fork/exec ${join(folder, "agent")}: ENOENT`]]);
    assert.deepEqual(exits, []);
    assert.deepEqual(events, ["launchError agent", "allEnded"]);
  });

  test("one, and the others are not hindered by it", async (t) => {
    const scripts = { bad: "#!/no/such/interpreter\n", good: "#!/bin/sh\necho here\n" };
    const { launchErrors, lines, exits } = await run(t, { scripts });
    assert.deepEqual(
      launchErrors.map(([name]) => name),
      ["bad"],
    );
    assert.deepEqual(lines, ["good: here\n"]);
    assert.deepEqual(exits, [["good", { code: 0, signal: null }]]);
  });
});

/** The process group of a process; `undefined` when it has ended. */
function groupOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : Number(group);
  } catch {
    return undefined;
  }
}
