// What the READMEs of the examples behind a queue tell the reader to type, as it is written there, with
// a broker of their own: the queues have the names that the pages give them.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { type Broker, findBrokerServer, startBroker } from "@lambdad/testkit";
import { lambdaRuntimeCommand } from "./amqp-python-hosts.ts";
import { DaemonProcess } from "./daemon-process.ts";
import { freePort, peerCommand } from "./host.ts";
import { repositoryRoot } from "./paths.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { lambdadCommand } from "./start-lambdad.ts";

const commandMs = 60_000;
const startMs = 30_000;
const lifeMs = 110_000;
/** What the pages show, and the test replaces. */
const shown = { broker: "amqp://localhost:5672", port: "8080" } as const;

const skip = reasonToSkip();

function reasonToSkip(): string | false {
  if (peerCommand !== undefined) return "lambdad alone";
  if (findBrokerServer() !== undefined || process.env["CI"] === "true") return false;
  return "RabbitMQ is not installed (Debian: apt-get install rabbitmq-server)";
}

/** `lambdad` and `lambda-runtime` as commands, from source, and an `npx` that finds them. */
function commandFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-examples-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, command] of [
    ["lambdad", lambdadCommand],
    ["lambda-runtime", lambdaRuntimeCommand],
    ["npx", []],
  ] as const) {
    const words = command.map((word) => `"${word}"`).join(" ");
    writeFileSync(join(folder, name), `#!/bin/sh\nexec ${words} "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** A reader of one page: a terminal that serves, and one that calls. */
class Reader {
  readonly #cwd: string;
  readonly #broker: Broker;
  readonly #port: number;
  readonly #path: string;
  readonly #store: string;
  #served: DaemonProcess | undefined;
  #result: CommandResult | undefined;

  constructor(
    cwd: string,
    broker: Broker,
    { port, path, store }: { port: number; path: string; store: string },
  ) {
    this.#cwd = cwd;
    this.#broker = broker;
    this.#port = port;
    this.#path = path;
    this.#store = store;
  }

  /** What a block asks for, by the word in its comment. */
  readonly actions: Readonly<Record<string, (text: string) => Promise<void> | void>> = {
    serve: (text) => this.#serve(text, / queue '/, { AMQP_URI: this.#broker.uri }),
    http: (text) => this.#serve(text, /listening on/, {}),
    run: async (text) => {
      this.#result = await this.#type(text);
      const { status, stderr } = this.#result;
      assert.equal(status, 0, `${text}${stderr.toString()}${this.#served?.output.text}`);
    },
    prints: (text) => assertShown(this.#result?.stdout.toString() ?? "", text),
    alone: async (text) => {
      await this.stop();
      this.#result = await this.#type(text);
      assert.notEqual(this.#result.status, 0, text);
    },
    fails: (text) => assertShown(this.#result?.stderr.toString() ?? "", text),
  };

  /** Ctrl-C in the terminal that serves. */
  async stop(): Promise<void> {
    const served = this.#served;
    this.#served = undefined;
    if (served === undefined) return;
    const exit = await served.stop();
    assert.deepEqual(exit, { status: 0, signal: null }, served.output.text);
  }

  async #serve(text: string, ready: RegExp, env: Readonly<Record<string, string>>): Promise<void> {
    await this.stop();
    this.#served = new DaemonProcess("bash", ["-euc", `exec ${this.#here(text)}`], {
      cwd: this.#cwd,
      env: { ...this.#environment(), ...env },
      lifeMs,
    });
    await this.#served.output.waitFor(ready, startMs);
  }

  #type(text: string): Promise<CommandResult> {
    const env = { ...this.#environment(), AMQP_URI: this.#broker.uri };
    const options = { cwd: this.#cwd, env, timeoutMs: commandMs };
    return runCommand("bash", ["-euc", this.#here(text)], options);
  }

  #environment(): Record<string, string> {
    return {
      PATH: this.#path,
      STORE: this.#store,
      PORT: String(this.#port),
      RUNTIME_API_PORT: "0",
      NODE_OPTIONS: "--conditions=@lambdad/source",
    };
  }

  #here(text: string): string {
    return text
      .replaceAll(shown.broker, this.#broker.uri)
      .replaceAll(shown.port, String(this.#port));
  }
}

/** `…` is anything. */
function assertShown(output: string, text: string): void {
  const parts = text.trim().split("…");
  const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^]*");
  assert.match(output.trim(), new RegExp(`^${pattern}$`));
}

function manifest(...path: readonly string[]): {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
} {
  return JSON.parse(readFileSync(join(repositoryRoot, ...path, "package.json"), "utf8")) as object;
}

const hostPackages = ["@lambdad/invoke-amqp", "@lambdad/node-runtime", "lambdad"] as const;

for (const [example, blocksOfIt, packages] of [
  ["echo", 10, hostPackages],
  ["text-to-bytes-by-value", 10, hostPackages],
  ["text-to-bytes-by-reference", 8, ["@lambdad/aws", ...hostPackages]],
] as const) {
  const folder = join(repositoryRoot, "examples", example);

  test(`examples/${example} installs the packages of this version`, () => {
    const { version } = manifest("packages", "core");
    const { dependencies = {} } = manifest("examples", example);
    assert.deepEqual(Object.keys(dependencies), packages);
    for (const wanted of Object.values(dependencies)) assert.equal(wanted, version);
  });

  test(`examples/${example} does what its README shows`, { skip, timeout: 120_000 }, async (t) => {
    const broker = await startBroker();
    t.after(() => broker.stop());
    const path = [commandFolder(t), dirname(process.execPath), process.env["PATH"] ?? ""];
    const objects = mkdtempSync(join(tmpdir(), "lambdad-objects-"));
    t.after(() => rmSync(objects, { recursive: true, force: true }));
    const store = pathToFileURL(objects).href;
    const options = { port: await freePort(), path: path.join(delimiter), store };
    const reader = new Reader(folder, broker, options);
    t.after(() => reader.stop());
    const blocks = readFileSync(join(folder, "README.md"), "utf8").matchAll(
      /^<!-- test: skip conformance\/src\/amqp-examples\.test\.ts: (\w+) -->\n+```\w+\n([^]*?)^```$/gm,
    );
    let count = 0;
    for (const [, action = "", text = ""] of blocks) {
      count += 1;
      t.diagnostic(`${action}: ${text.trim()}`);
      await reader.actions[action]?.(text);
    }
    assert.equal(count, blocksOfIt);
  });
}
