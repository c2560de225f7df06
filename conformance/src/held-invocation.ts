import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, invoke, json } from "./invoke.ts";
import type { Daemon } from "./start-lambdad.ts";

/** An invocation of the raw function that runs until it is released. */
export interface HeldInvocation {
  readonly answer: Promise<Answer>;
  /** Lets the function answer. */
  release(): Promise<void>;
  /** Releases it and checks that nothing disturbed it. */
  finish(): Promise<void>;
}

/** Starts an invocation and returns when it is inside the function. */
export async function holdInvocation(
  daemon: Daemon,
  options: { readonly signal?: AbortSignal } = {},
): Promise<HeldInvocation> {
  const gate = join(tmpdir(), `lambdad-conformance-${randomUUID()}`);
  const answer = invoke(daemon, JSON.stringify({ action: "hold", gate }), options);
  // Who awaits it sees the failure; a caller that left does not look.
  answer.catch(() => {});
  const release = async (): Promise<void> => {
    await writeFile(gate, "");
  };
  await daemon.output.waitFor(new RegExp(`holding ${gate}`), 10_000);
  return {
    answer,
    release,
    finish: async () => {
      await release();
      try {
        const held = await answer;
        assert.equal(held.status, 200);
        assert.equal((json(held) as { held: boolean }).held, true);
      } finally {
        await rm(gate, { force: true });
      }
    },
  };
}
