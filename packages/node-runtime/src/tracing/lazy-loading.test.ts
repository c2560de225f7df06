// OpenTelemetry takes longer to load than everything else: only `-t` may load it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Imports modules in a process of its own and counts the files of OpenTelemetry that it loads. */
async function openTelemetryFilesOf(specifier: string): Promise<number> {
  const url = new URL(specifier, import.meta.url).href;
  const code = `
    import { registerHooks } from "node:module";
    let count = 0;
    registerHooks({
      load(url, context, next) {
        if (url.includes("/@opentelemetry/")) count += 1;
        return next(url, context);
      },
    });
    process.on("exit", () => process.stderr.write("files " + count));
    await import(${JSON.stringify(url)});`;
  const options = ["--conditions=@lambdad/source", "--input-type=module", "--eval", code];
  const { stderr } = await run(process.execPath, [...options, "--", url, "--help"]);
  const [, count] = /files (\d+)$/.exec(stderr) ?? [];
  assert.notEqual(count, undefined, stderr);
  return Number(count);
}

for (const module of ["../index.ts", "../amqp/main.ts", "./tracing-options.ts"]) {
  test(`${module} does not load OpenTelemetry`, async () => {
    assert.equal(await openTelemetryFilesOf(module), 0);
  });
}

test("./create-tracing.ts does, so that this is found out", async () => {
  assert.ok((await openTelemetryFilesOf("./create-tracing.ts")) > 10);
});
