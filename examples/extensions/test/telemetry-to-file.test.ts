import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { type ExtensionProcess, startExtension } from "./extension-process.ts";
import { FakeHost, nextCall } from "./fake-host.ts";

interface Started {
  readonly host: FakeHost;
  readonly extension: ExtensionProcess;
  /** Where batches go. */
  readonly url: string;
  readonly file: string;
}

/** The extension with its subscription made, waiting for its next event. */
async function start(t: TestContext, fileName = "telemetry.jsonl"): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-telemetry-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const host = new FakeHost({});
  t.after(() => host.stop());
  const file = join(folder, fileName);
  const extension = startExtension(t, "telemetry-to-file.ts", {
    AWS_LAMBDA_RUNTIME_API: await host.start(),
    TELEMETRY_FILE: file,
  });
  await host.seen(nextCall);
  const { body } = await host.seen("PUT /2022-07-01/telemetry");
  const { destination } = JSON.parse(body) as { readonly destination: { readonly URI: string } };
  return {
    host,
    extension,
    url: destination.URI.replace("sandbox.localdomain", "127.0.0.1"),
    file,
  };
}

async function send(url: string, body: string): Promise<number> {
  const { status } = await fetch(url, { method: "POST", body });
  return status;
}

describe("telemetry-to-file.ts", () => {
  test("appends batches in order, an event a line, and answers 200 when they are there", async (t) => {
    const { url, file } = await start(t);
    assert.equal(await send(url, '[{"type":"a"},{"type":"b","record":"x\\n"}]'), 200);
    assert.equal(readFileSync(file, "utf8"), '{"type":"a"}\n{"type":"b","record":"x\\n"}\n');
    assert.equal(await send(url, '[{"type":"c"}]'), 200);
    assert.match(readFileSync(file, "utf8"), /\n\{"type":"c"\}\n$/);
  });

  for (const body of ["", "{", "{}", "null"]) {
    test(`answers 400 to the body '${body}', and stays`, async (t) => {
      const { url } = await start(t);
      assert.equal(await send(url, body), 400);
      assert.equal(await send(url, "[]"), 200);
    });
  }

  test("answers 500 when it cannot write, so that the batch comes again", async (t) => {
    const { url } = await start(t, join("no", "such", "folder"));
    assert.equal(await send(url, '[{"type":"a"}]'), 500);
  });

  test("takes the rest of a batch after SHUTDOWN, and then exits with 0", async (t) => {
    const { extension, host, url, file } = await start(t);
    const batch = request(url, { method: "POST", headers: { Expect: "100-continue" } });
    await once(batch, "continue");
    batch.write('[{"type":');
    const deadlineMs = Date.now() + 60_000;
    const body = { eventType: "SHUTDOWN", shutdownReason: "spindown", deadlineMs };
    host.release({ status: 200, body: JSON.stringify(body) });
    await extension.said(/end: spindown/);
    batch.end('"late"}]');
    const [answer] = (await once(batch, "response")) as [IncomingMessage];
    assert.equal(answer.statusCode, 200);
    const { status, output } = await extension.ended;
    assert.equal(status, 0, output);
    assert.equal(readFileSync(file, "utf8"), '{"type":"late"}\n');
  });
});
