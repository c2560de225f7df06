import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { waitFor } from "@lambdad/testkit";
import { startRogue, temporaryFolder, textOf } from "../testdata/pool-fixture.ts";

/** Calls next with a limit, as `fetch` has one, and stays when it has passed. `again`: calls once more. */
function impatient(again: boolean): string {
  return `#!${process.execPath}
const api = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2020-01-01/extension";
const body = JSON.stringify({ events: ["INVOKE"] });
const headers = { "Lambda-Extension-Name": "impatient" };
const registered = await fetch(api + "/register", { method: "POST", body, headers });
const id = { "Lambda-Extension-Identifier": registered.headers.get("lambda-extension-identifier") };
const next = (ms) => fetch(api + "/event/next", { headers: id, signal: AbortSignal.timeout(ms) });
await next(60_000);
await next(300).catch(() => console.log("gave up"));
if (${again}) for (;;) await (await next(60_000)).text();
setInterval(() => {}, 1_000);
`;
}

for (const [what, again, runtime] of [
  ["gives up next is replaced before it keeps an invocation waiting", false, ["echo"]],
  // Longer than an idle one would be kept.
  ["has given up next in an invocation is replaced after it", false, ["late", "2800"]],
  ["calls next again serves on", true, ["echo"]],
] as const) {
  test(`an environment whose idle extension ${what}`, async (t) => {
    const extensionsDir = await temporaryFolder(t);
    const file = join(extensionsDir, "impatient");
    await writeFile(file, impatient(again));
    await chmod(file, 0o755);
    const { invoke, output, ends, faults } = await startRogue(t, runtime, { extensionsDir });
    await invoke({});
    await waitFor(() => output.some(({ line }) => line === "gave up\n"));
    if (!again) await waitFor(() => ends.length > 0);
    assert.deepEqual(JSON.parse(textOf(await invoke({ a: 1 }))), { a: 1 });
    assert.deepEqual(ends, again ? [] : ["recycle"]);
    const absent = faults.filter(({ event }) => event === "ext.absent");
    assert.deepEqual(
      absent.map(({ name }) => name),
      again ? [] : ["impatient"],
    );
  });
}
