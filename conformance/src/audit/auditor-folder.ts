import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditVerdict } from "./telemetry-audit.ts";

/** How the auditor behaves. */
export interface AuditorBehaviour {
  /** Lines that each invocation writes to each output of the function. */
  readonly lines: number;
  readonly buffering: {
    readonly maxItems: number;
    readonly maxBytes: number;
    readonly timeoutMs: number;
  };
  /** How long it takes to answer a batch during the first `slowInvocations`; 0: no time at all. */
  readonly slowMs: number;
  readonly slowInvocations: number;
}

/** What the auditor's process is told. */
export interface AuditorConfig extends AuditorBehaviour {
  /** The name of its file. */
  readonly name: string;
  /** Where it writes its port and its verdict. */
  readonly folder: string;
}

const name = "auditor";

/** A folder of extensions with the auditor alone in it, and what its processes write. */
export class AuditorFolder {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  static async make(behaviour: AuditorBehaviour): Promise<AuditorFolder> {
    const made = new AuditorFolder(await mkdtemp(join(tmpdir(), "lambdad-audit-")));
    const config: AuditorConfig = { ...behaviour, name, folder: made.#results };
    await mkdir(made.extensions);
    await mkdir(made.#results);
    const words = [process.execPath, join(import.meta.dirname, "auditor.ts")];
    const command = [...words, JSON.stringify(config)].map(quoted).join(" ");
    const path = join(made.extensions, name);
    await writeFile(path, `#!/bin/sh\nexec ${command}\n`);
    await chmod(path, 0o755);
    return made;
  }

  /** For `--extensions-dir`. */
  get extensions(): string {
    return join(this.#root, "extensions");
  }

  get #results(): string {
    return join(this.#root, "results");
  }

  /** The verdicts so far of all auditors that have subscribed and still run. */
  async verdicts(): Promise<AuditVerdict[]> {
    const ports = (await this.#read("port-")) as number[];
    return Promise.all(
      ports.map(async (port) => {
        const answer = await fetch(`http://127.0.0.1:${port}/`);
        return (await answer.json()) as AuditVerdict;
      }),
    );
  }

  /** How many have subscribed; the verdicts of those that got SHUTDOWN; why others failed. */
  async results(): Promise<{
    readonly started: number;
    readonly verdicts: readonly AuditVerdict[];
    readonly failures: readonly string[];
  }> {
    return {
      started: (await this.#read("port-")).length,
      verdicts: (await this.#read("verdict-")) as AuditVerdict[],
      failures: (await this.#read("failure-")) as string[],
    };
  }

  async #read(prefix: string): Promise<unknown[]> {
    const names = await readdir(this.#results);
    const files = names.filter((file) => file.startsWith(prefix) && file.endsWith(".json"));
    const texts = files.map((file) => readFile(join(this.#results, file), "utf8"));
    return (await Promise.all(texts)).map((text) => JSON.parse(text) as unknown);
  }

  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** A word of a shell's command line. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
