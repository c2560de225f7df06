import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { root } from "../repository.ts";
import type { ReadmeBlock, ServeAction } from "./readme-block.ts";

const startTimeoutMs = 60_000;
/** The port that the pages name, and this test replaces. */
const shownPort = "8080";
/** The broker that the pages name, and this test replaces. */
const shownBroker = /amqp:\/\/localhost(?::5672)?/g;

/** What our packages install as commands. */
const commands = [
  ["lambdad", "packages/lambdad/src/main.ts"],
  ["lambda-runtime", "packages/node-runtime/src/amqp/main.ts"],
] as const;

/** Does what a reader of a page does: in a folder of his own where `lambdad` is installed. */
export class PageRun {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "lambdad-readme-"));
  readonly #port: number;
  readonly #brokerUri: string | undefined;
  readonly #served: ChildProcess[] = [];
  #servedOutput = "";
  #printed = "";

  /** @param brokerUri The broker of a page that names one. */
  constructor(port: number, brokerUri?: string) {
    this.#port = port;
    this.#brokerUri = brokerUri;
  }

  /** Standard output of the last `run`. */
  get printed(): string {
    return this.#printed;
  }

  /** Makes our commands those of the folder, and our packages modules, from source. */
  install(): void {
    const bin = join(this.#folder, "node_modules", ".bin");
    mkdirSync(bin, { recursive: true });
    for (const [name, script] of commands) {
      const command = `"${process.execPath}" --conditions=@lambdad/source "${join(root, script)}"`;
      writeFileSync(join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    for (const name of ["@lambdad", "@opentelemetry", "dynalite"]) {
      symlinkSync(join(root, "node_modules", name), join(bin, "..", name));
    }
  }

  /** The page is that of an example: its commands are typed where its files are. */
  copyExample(folder: string): void {
    cpSync(join(root, folder), this.#folder, { recursive: true });
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), this.#withOwn(text));
  }

  /** Starts what serves from now on, and waits until it is ready. */
  async serve({ text }: ReadmeBlock, { inCheckout, beside, until }: ServeAction): Promise<void> {
    if (!beside) await this.stop();
    const child = this.#spawn(text, inCheckout);
    this.#served.push(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (piece: string) => {
        output += piece;
        this.#servedOutput += piece;
      });
    }
    const isReady = async (): Promise<boolean> =>
      until === undefined ? canConnect(this.#port) : output.includes(until);
    const deadline = Date.now() + startTimeoutMs;
    while (!(await isReady())) {
      const isGone = child.exitCode !== null || Date.now() > deadline;
      assert.equal(isGone, false, `'${text}' does not serve: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async run({ text }: ReadmeBlock, inCheckout: boolean): Promise<void> {
    const child = this.#spawn(text, inCheckout);
    let output = "";
    let errors = "";
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => (output += piece));
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => (errors += piece));
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 0, `'${text}' ended with ${code}: ${output}${errors}${this.#servedOutput}`);
    this.#printed = output;
  }

  /** Stops what serves, as Ctrl-C does; the last one first. */
  async stop(): Promise<void> {
    this.#servedOutput = "";
    for (const child of this.#served.splice(0).toReversed()) {
      if (child.exitCode !== null) continue;
      const ended = once(child, "close");
      signalGroup(child, "SIGINT");
      await ended;
    }
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #withOwn(text: string): string {
    const own = text.replaceAll(shownPort, String(this.#port));
    return this.#brokerUri === undefined ? own : own.replaceAll(shownBroker, this.#brokerUri);
  }

  #spawn(text: string, inCheckout: boolean): ChildProcess {
    const bin = join(this.#folder, "node_modules", ".bin");
    return spawn("bash", ["-euc", this.#withOwn(text)], {
      cwd: inCheckout ? root : this.#folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        // The broker of the tests: a page that wants one names it.
        AMQP_URI: undefined,
        // Else a test runner that a page starts would take itself for a part of this one.
        NODE_TEST_CONTEXT: undefined,
        // `node` is the one that runs the tests: older ones do not run TypeScript.
        PATH: [bin, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
        NODE_OPTIONS: "--conditions=@lambdad/source",
        PORT: String(this.#port),
        RUNTIME_API_PORT: "0",
        AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${this.#port}`,
      },
    });
  }
}

/** Ctrl-C reaches every process of the terminal's foreground group. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined) process.kill(-child.pid, signal);
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
