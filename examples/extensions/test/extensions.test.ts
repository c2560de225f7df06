// What the extensions do when something goes wrong. That they work with a real host:
// `conformance/src/extension-examples.test.ts`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test, type TestContext } from "node:test";
import { startExtension } from "./extension-process.ts";
import { type FakeAnswer, FakeHost, nextCall } from "./fake-host.ts";

const registerCall = "POST /2020-01-01/extension/register";
const initErrorCall = "POST /2020-01-01/extension/init/error";
const exitErrorCall = "POST /2020-01-01/extension/exit/error";
const shutdown: FakeAnswer = event({ eventType: "SHUTDOWN", shutdownReason: "spindown" });
const refusal: FakeAnswer = { status: 403, body: '{"errorType":"Extension.InvalidState"}' };

function event(members: Readonly<Record<string, unknown>>): FakeAnswer {
  return { status: 200, body: JSON.stringify({ deadlineMs: Date.now() + 2_000, ...members }) };
}

function invokeEvent(requestId: string): FakeAnswer {
  return event({ eventType: "INVOKE", requestId, invokedFunctionArn: "arn" });
}

async function startHost(
  t: TestContext,
  script: ConstructorParameters<typeof FakeHost>[0],
): Promise<{ host: FakeHost; env: Record<string, string> }> {
  const host = new FakeHost(script);
  t.after(() => host.stop());
  return { host, env: { AWS_LAMBDA_RUNTIME_API: await host.start(), TELEMETRY_FILE: "/dev/null" } };
}

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const extensions = [
  { file: "audit.py", events: ["INVOKE", "SHUTDOWN"], skip: hasPython ? false : "no python3" },
  { file: "invocation-count.ts", events: ["INVOKE", "SHUTDOWN"], skip: false },
  { file: "telemetry-to-file.ts", events: ["SHUTDOWN"], skip: false },
] as const;

for (const { file, events, skip } of extensions) {
  describe(file, { skip }, () => {
    test("registers with the name of its file, and exits with 0 at SHUTDOWN", async (t) => {
      const { host, env } = await startHost(t, { [nextCall]: [shutdown] });
      const { status, output } = await startExtension(t, file, env).ended;
      assert.equal(status, 0, output);
      const { headers, body } = await host.seen(registerCall);
      assert.equal(headers["lambda-extension-name"], file);
      assert.deepEqual(JSON.parse(body), { events });
      assert.match(output, /end: spindown/);
    });

    test("makes all calls of its event loop on one connection", async (t) => {
      const script = { [nextCall]: [invokeEvent("1"), invokeEvent("2"), shutdown] };
      const { host, env } = await startHost(t, script);
      const { output } = await startExtension(t, file, env).ended;
      assert.equal(host.calls.filter(({ call }) => call === nextCall).length, 3, output);
      assert.equal(new Set(host.calls.map(({ connection }) => connection)).size, 1);
    });

    test("exits with 0 at SIGTERM while it waits for an event", async (t) => {
      const { host, env } = await startHost(t, {});
      const extension = startExtension(t, file, env);
      await host.seen(nextCall);
      extension.kill("SIGTERM");
      const { status, output } = await extension.ended;
      assert.equal(status, 0, output);
      assert.equal(host.calls.at(-1)?.call, nextCall);
    });

    test("exits with 1 when it may not register, and reports nothing: nobody knows it", async (t) => {
      const { host, env } = await startHost(t, { [registerCall]: [refusal] });
      const { status, output } = await startExtension(t, file, env).ended;
      assert.equal(status, 1);
      assert.match(output, /register.*403 \{"errorType":"Extension.InvalidState"\}/);
      assert.deepEqual(
        host.calls.map(({ call }) => call),
        [registerCall],
      );
    });

    test("reports a refused next to exit/error, and exits with 1", async (t) => {
      const { host, env } = await startHost(t, { [nextCall]: [refusal] });
      const { status } = await startExtension(t, file, env).ended;
      assert.equal(status, 1);
      const { headers, body } = await host.seen(exitErrorCall);
      const type = headers["lambda-extension-function-error-type"];
      assert.match(String(type), /^Extension\.[A-Z][A-Za-z]+$/);
      assert.equal(headers["lambda-extension-identifier"], "an-identifier");
      const { errorType, errorMessage } = JSON.parse(body) as Record<string, string>;
      assert.equal(errorType, type);
      assert.match(errorMessage ?? "", /next.*403/);
    });
  });
}

describe("telemetry-to-file.ts", () => {
  test("goes on without telemetry where the host has none", async (t) => {
    const answer = { status: 202, body: '{"errorType":"Telemetry.NotSupported"}' };
    const script = { "PUT /2022-07-01/telemetry": [answer], [nextCall]: [shutdown] };
    const { env } = await startHost(t, script);
    const { status, output } = await startExtension(t, "telemetry-to-file.ts", env).ended;
    assert.equal(status, 0, output);
    assert.match(output, /no telemetry: this host does not offer it/);
  });

  test("reports a refused subscription to init/error, and exits with 1", async (t) => {
    const { host, env } = await startHost(t, { "PUT /2022-07-01/telemetry": [refusal] });
    const { status } = await startExtension(t, "telemetry-to-file.ts", env).ended;
    assert.equal(status, 1);
    await host.seen(initErrorCall);
  });
});
