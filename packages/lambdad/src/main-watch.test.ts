import assert from "node:assert/strict";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { waitFor } from "@lambdad/testkit";
import { type DaemonProcess, folderOf, startDaemon } from "./testdata/daemon-process.ts";
import { temporaryFolder } from "./testdata/named-pipe.ts";

const timeout = 60_000;

/** A function that says its version, at once or when a file is there. */
function source(version: number): string {
  return `
import { existsSync, writeFileSync } from "node:fs";
export const handler = async ({ started, gate }) => {
  if (started !== undefined) writeFileSync(started, "");
  while (gate !== undefined && !existsSync(gate)) await new Promise((r) => setTimeout(r, 10));
  return { version: ${version}, pid: process.pid };
};
`;
}

async function versionOf(daemon: DaemonProcess, event: object = {}): Promise<unknown> {
  const { json } = await daemon.invoke(event);
  return (json as { version: unknown }).version;
}

describe("lambdad run --watch (HO-11)", () => {
  test(
    "runs new code in new environments, and lets running ones finish on the old",
    { timeout },
    async (t) => {
      const cwd = folderOf(t, { "app.mjs": source(1) });
      const options = ["--watch", "--max-concurrency=2", "--timeout=60"];
      const daemon = await startDaemon(t, ["run", ...options, "app.handler"], { cwd });
      assert.equal(await versionOf(daemon), 1);
      const files = temporaryFolder(t);
      const event = { started: join(files, "started"), gate: join(files, "gate") };
      const running = versionOf(daemon, event);
      await waitFor(() => existsSync(event.started), { what: "the running invocation" });
      writeFileSync(join(cwd, "app.mjs"), source(2));
      // An environment that starts before the change is noticed has the new code too.
      const noticed = / INFO The function has changed: new environments path=app\.mjs\n/;
      await waitFor(() => noticed.test(daemon.stderr), { what: "the line of the change" });
      assert.equal(await versionOf(daemon), 2);
      writeFileSync(event.gate, "");
      assert.equal(await running, 1);
      assert.equal(await versionOf(daemon), 2);
    },
  );

  test(
    "sees a file that an editor replaces, again and again, and one that is broken",
    { timeout },
    async (t) => {
      const cwd = folderOf(t, { "app.mjs": source(1) });
      const daemon = await startDaemon(t, ["run", "--watch", "app.handler"], { cwd });
      assert.equal(await versionOf(daemon), 1);
      const file = join(temporaryFolder(t), "new.mjs");
      const replace = (text: string): void => {
        writeFileSync(file, text);
        renameSync(file, join(cwd, "app.mjs"));
      };
      replace(source(2));
      await waitFor(async () => (await versionOf(daemon)) === 2, { what: "the second version" });
      replace("this is no JavaScript");
      const broken = await waitFor(
        async () => {
          const answer = await daemon.invoke({});
          return answer.headers.get("x-amz-function-error") === null ? undefined : answer;
        },
        { what: "the error of the broken file" },
      );
      assert.match(broken?.text ?? "", /Runtime\.UserCodeSyntaxError/);
      replace(source(3));
      await waitFor(async () => (await versionOf(daemon)) === 3, { what: "the third version" });
    },
  );

  test("is off unless it is asked for", { timeout }, async (t) => {
    const cwd = folderOf(t, { "app.mjs": source(1) });
    const daemon = await startDaemon(t, ["run", "app.handler"], { cwd });
    assert.equal(await versionOf(daemon), 1);
    writeFileSync(join(cwd, "app.mjs"), source(2));
    assert.equal(await versionOf(daemon), 1);
    assert.doesNotMatch(daemon.stderr, /Watching/);
  });
});
