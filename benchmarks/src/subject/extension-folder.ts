import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** What runs beside the function in each environment. */
export interface Extensions {
  /** Command of one of them, `src/extension/agent.ts`. */
  readonly command: readonly string[];
  readonly count: number;
  /** Whether they subscribe to telemetry, besides the event INVOKE. */
  readonly telemetry: boolean;
}

/** Between the first answer and the first batch of telemetry. */
const workMsMax = 5_000;

/** A folder that stands for `/opt`, with `extensions/` in it, and what those tell of themselves. */
export class ExtensionFolder {
  readonly #root: string;
  readonly #extensions: Extensions | undefined;

  /** Makes it inside of `folder`, which is not removed here. Without extensions it is empty. */
  constructor(folder: string, extensions: Extensions | undefined) {
    this.#root = folder;
    this.#extensions = extensions;
    mkdirSync(this.path, { recursive: true });
    mkdirSync(this.#told);
    if (extensions === undefined) return;
    const { command, count, telemetry } = extensions;
    for (let index = 1; index <= count; index += 1) {
      const name = `agent-${index}`;
      const words = [...command, name, this.#told, telemetry ? "telemetry" : "events"];
      const line = words.map((word) => `'${word}'`).join(" ");
      writeFileSync(join(this.path, name), `#!/bin/sh\nexec ${line}\n`, { mode: 0o755 });
    }
  }

  /** Stands for `/opt`. */
  get opt(): string {
    return join(this.#root, "opt");
  }

  /** Stands for `/opt/extensions`. */
  get path(): string {
    return join(this.opt, "extensions");
  }

  get #told(): string {
    return join(this.#root, "told");
  }

  /**
   * Waits until they take part: a host without extensions would else win.
   *
   * @throws {Error} when they do not, or one has failed.
   */
  async untilWorking(signal: AbortSignal, limitMs: number = workMsMax): Promise<void> {
    if (this.#extensions === undefined) return;
    const { count, telemetry } = this.#extensions;
    const deadline = performance.now() + limitMs;
    for (;;) {
      const told = readdirSync(this.#told);
      const failed = told.find((name) => name.startsWith("failed-"));
      if (failed !== undefined) {
        const reason = readFileSync(join(this.#told, failed), "utf8");
        throw new Error(`an extension failed: ${reason}`);
      }
      const having = (what: string): number => told.filter((name) => name.startsWith(what)).length;
      const invoked = having("invoked-");
      const batches = telemetry ? having("telemetry-") : count;
      if (invoked >= count && batches >= count) return;
      if (performance.now() > deadline) {
        const what = telemetry ? ` and ${batches} got telemetry` : "";
        throw new Error(`of ${count} extensions ${invoked} got an event${what}`);
      }
      await delay(20, undefined, { signal });
    }
  }
}
