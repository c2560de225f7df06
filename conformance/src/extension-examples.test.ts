// The examples of extensions against a real daemon, and the walk-through of their README as it is
// written there: what it shows is what happens. What they do when something goes wrong:
// `examples/extensions/test`.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { peerCommand } from "./host.ts";
import { pythonClients, pythonRic } from "./install/parts.ts";
import { invoke, json } from "./invoke.ts";
import { repositoryRoot } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { runCommand } from "./run-command.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";

const folder = join(repositoryRoot, "examples", "extensions");
const skip = peerCommand === undefined ? false : "lambdad alone";
const options = { timeout: 90_000, skip };
const commandMs = 60_000;
/** Folders in front of the PATH: the node that runs the tests starts the extensions too. */
const nodeBin = dirname(process.execPath);

function pathWith(...folders: readonly string[]): string {
  return [...folders, nodeBin, process.env["PATH"] ?? ""].join(delimiter);
}

function temporaryFolder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "lambdad-extensions-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A folder of extensions with one of the examples in it. */
function folderWith(t: TestContext, name: string): string {
  const path = temporaryFolder(t);
  symlinkSync(join(folder, "extensions", name), join(path, name));
  return path;
}

async function start(
  t: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = folder,
): Promise<Daemon> {
  const variables = { AWS_LAMBDA_FUNCTION_NAME: "", PATH: pathWith(), ...env };
  const daemon = await startLambdad(args, variables, { cwd, lifeMs: 80_000 });
  t.after(() => daemon.stop());
  return daemon;
}

async function greet(daemon: Daemon, functionName: string): Promise<void> {
  const answer = await invoke(daemon, '{"name":"Ada"}', { functionName });
  assert.deepEqual(json(answer), { greeting: "Hello, Ada" });
}

/** Each line of a block of the README, in any order; `…` is anything. */
function assertShown(output: string, shown: string): void {
  const lines = output.split("\n").map((line) => line.trimEnd());
  for (const line of shown.trim().split("\n")) {
    assert.ok(
      lines.some((written) => asPattern(line).test(written)),
      `the README shows '${line}', the output is:\n${output}`,
    );
  }
}

function asPattern(shown: string): RegExp {
  const parts = shown.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

/** Blocks of the README that this file runs, in order: what to do, and the text. */
const blocks: readonly { readonly action: string; readonly text: string }[] = Array.from(
  readFileSync(join(folder, "README.md"), "utf8").matchAll(
    /^<!-- test: skip conformance\/src\/extension-examples\.test\.ts: (\w+) -->\n+```\w+\n([^]*?)^```$/gm,
  ),
  ([, action = "", text = ""]) => ({ action, text }),
);

/** The words of a `serve` block: variables, `lambdad`, and its arguments. */
function parseServe(text: string): { env: Record<string, string>; args: readonly string[] } {
  const words = text.replaceAll("\\\n", " ").trim().split(/\s+/);
  const at = words.indexOf("lambdad");
  const env = Object.fromEntries(words.slice(0, at).map((word) => word.split("=")));
  return { env: env as Record<string, string>, args: words.slice(at + 1) };
}

const python = await prepare(pythonRic);
const clients = await prepare(pythonClients);

if (python !== undefined && clients !== undefined) {
  test("the walk-through of examples/extensions does what its README shows", options, async (t) => {
    const files = temporaryFolder(t);
    const path = pathWith(join(python, "bin"), join(clients, "bin"));
    let daemon: Daemon | undefined;
    let printed = "";
    const actions: Readonly<Record<string, (text: string) => Promise<void> | void>> = {
      async serve(text) {
        const { env, args } = parseServe(text);
        daemon = await start(t, args, { ...env, PATH: path }, repositoryRoot);
      },
      async run(text) {
        const script = text.replaceAll("http://127.0.0.1:8080", daemon?.invokeUrl ?? "");
        const { status, stdout, stderr } = await runCommand("bash", ["-euc", script], {
          timeoutMs: commandMs,
          env: { PATH: path },
        });
        assert.equal(status, 0, `${text}${stderr.toString()}`);
        printed = stdout.toString();
      },
      prints(text) {
        assert.equal(printed.trim(), text.trim());
      },
      shows(text) {
        assertShown(daemon?.output.text ?? "", text);
      },
      async stops(text) {
        assert.deepEqual(await daemon?.stop(), { status: 0, signal: null });
        assertShown(daemon?.output.text ?? "", text);
      },
    };
    for (const { action, text } of blocks) {
      // The files of the README's reader, which are not ours to overwrite.
      if (action !== "internal") await actions[action]?.(text.replaceAll("/tmp/", `${files}/`));
    }
    assert.equal(blocks.length, 10);
  });
}

describe("examples/extensions", options, () => {
  test("invocation-count.ts counts the invocations of its environment", async (t) => {
    const extensions = folderWith(t, "invocation-count.ts");
    const daemon = await start(t, ["run", "--extensions-dir", extensions, "greet.handler"]);
    await greet(daemon, "greet");
    await greet(daemon, "function");
    assert.deepEqual(await daemon.stop(), { status: 0, signal: null });
    assert.match(daemon.output.text, /^\[invocation-count\.ts\] end: spindown, invocations: 2$/m);
  });

  test("telemetry-to-file.ts has every event of the function's life in its file", async (t) => {
    const file = join(temporaryFolder(t), "telemetry.jsonl");
    const extensions = folderWith(t, "telemetry-to-file.ts");
    const args = ["run", "--extensions-dir", extensions, "greet.handler"];
    const daemon = await start(t, args, { TELEMETRY_FILE: file });
    await greet(daemon, "greet");
    await daemon.stop();
    const events = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly type: string; readonly record: unknown });
    const types = events.map(({ type }) => type);
    for (const type of ["initStart", "initReport", "start", "runtimeDone", "report"]) {
      assert.equal(types.filter((each) => each === `platform.${type}`).length, 1, type);
    }
    const lines = events.filter(({ type }) => type === "function").map(({ record }) => record);
    assert.match(lines.join(""), /Greeting Ada\n/);
    // Written after SHUTDOWN, and delivered still.
    assert.match(JSON.stringify(events), /telemetry-to-file\.ts\] end: spindown/);
  });

  const internalShown = blocks.find(({ action }) => action === "internal")?.text ?? "";

  test("wrapper.sh loads the internal extension, which has the last word", async (t) => {
    const env = { AWS_LAMBDA_EXEC_WRAPPER: join(folder, "wrapper.sh") };
    const none = temporaryFolder(t);
    const daemon = await start(t, ["run", "--extensions-dir", none, "greet.handler"], env);
    await greet(daemon, "greet");
    await daemon.stop();
    assertInternal(daemon.output.text);
  });

  test("a function may import the internal extension itself", async (t) => {
    const own = temporaryFolder(t);
    const extension = join(folder, "internal-extension.ts");
    writeFileSync(
      join(own, "own.mjs"),
      `import ${JSON.stringify(extension)};\nexport const handler = async ({ name }) => ({ greeting: "Hello, " + name });\n`,
    );
    const none = temporaryFolder(t);
    const daemon = await start(t, ["run", "--extensions-dir", none, "own.handler"], {}, own);
    await greet(daemon, "own");
    await daemon.stop();
    assertInternal(daemon.output.text);
  });

  test("a Node process that the function starts does not register a second time", async (t) => {
    const own = temporaryFolder(t);
    writeFileSync(join(own, "child.mjs"), 'process.send("alive");\nprocess.disconnect();\n');
    const code = `import { fork } from "node:child_process";
import { once } from "node:events";
export const handler = async () => (await once(fork("child.mjs"), "message"))[0];
`;
    writeFileSync(join(own, "own.mjs"), code);
    const env = { AWS_LAMBDA_EXEC_WRAPPER: join(folder, "wrapper.sh") };
    const args = ["run", "--extensions-dir", temporaryFolder(t), "--timeout=20", "own.handler"];
    const daemon = await start(t, args, env, own);
    const answer = await invoke(daemon, "null", { functionName: "own" });
    assert.deepEqual(json(answer), "alive");
    await daemon.stop();
    assertInternal(daemon.output.text);
  });

  function assertInternal(output: string): void {
    assert.match(output, /^EXTENSION\tName: event-loop-delay\tState: Ready\tEvents: \[INVOKE\]$/m);
    // Our runtime writes the time and the request before a line.
    assertShown(output, `…${internalShown}`);
    assert.equal(output.match(/\[event-loop-delay\]/g)?.length, 1, output);
  }
});
