import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { peerCommand } from "./host.ts";
import { holdInvocation, type HeldInvocation } from "./held-invocation.ts";
import { type Answer, header, invoke, json, logTail } from "./invoke.ts";
import { hasProc, isRunning } from "./processes.ts";
import { rawCommand } from "./runtimes.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";

const skip = peerCommand === undefined ? false : "lambdad alone";
const timeout = 60_000;

function act(daemon: Daemon, event: unknown, headers = {}): Promise<Answer> {
  return invoke(daemon, JSON.stringify(event), { headers });
}

function assertError(answer: Answer, errorType: string, message: RegExp): void {
  assert.equal(answer.status, 200);
  assert.equal(header(answer, "X-Amz-Function-Error"), "Unhandled");
  const body = json(answer) as { errorType: string; errorMessage: string };
  assert.equal(body.errorType, errorType);
  assert.match(body.errorMessage, message);
}

/** The answer to the first invocation of a daemon of its own. */
async function firstAnswer(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Answer> {
  const daemon = await startLambdad(args, env);
  try {
    return await invoke(daemon, "{}");
  } finally {
    await daemon.stop();
  }
}

interface Told {
  readonly status: number;
  readonly body: { readonly errorType: string };
}

describe("a runtime that misbehaves hurts only its own invocation", { skip }, () => {
  let daemon: Daemon;
  let held: HeldInvocation;
  before(async () => {
    daemon = await startLambdad(["--max-concurrency=2", "--timeout=30", ...rawCommand], {});
    held = await holdInvocation(daemon);
  });
  after(() => daemon?.stop());

  /** What the Runtime API told the runtime about its last misdeed, in the same process. */
  const told = async (): Promise<(string | number)[]> => {
    const list = json(await act(daemon, { action: "told" })) as readonly Told[];
    return list.flatMap(({ status, body }) => [status, body.errorType]);
  };

  const exits: readonly { readonly event: object; readonly message: RegExp }[] = [
    {
      event: { action: "exit", status: 0 },
      message: /Error: Runtime exited without providing a reason$/,
    },
    {
      event: { action: "exit", status: 7 },
      message: /Error: Runtime exited with error: exit status 7$/,
    },
    { event: { action: "kill" }, message: /Error: Runtime exited with error: signal: killed$/ },
  ];
  for (const { event, message } of exits) {
    test(`${JSON.stringify(event)} is answered at once (RT-2)`, { timeout }, async () => {
      assertError(await act(daemon, event), "Runtime.ExitError", message);
      assert.deepEqual(json(await invoke(daemon, "1")), 1);
    });
  }

  test("a second answer is refused, the first counts (RT-13)", { timeout }, async () => {
    assert.equal(json(await act(daemon, { action: "twice" })), "first");
    assert.deepEqual(await told(), [403, "InvalidStateTransition"]);
  });

  test("an answer for a stranger's id is refused (RT-12)", { timeout }, async () => {
    assert.equal(json(await act(daemon, { action: "stranger" })), "mine");
    assert.deepEqual(await told(), [400, "InvalidRequestID"]);
  });

  test("next before an answer gives the same event again (RT-15)", { timeout }, async () => {
    assert.deepEqual(json(await act(daemon, { action: "nextTwice" })), { same: true });
  });

  test("a wrong response mode ends the invocation (RT-19)", { timeout }, async () => {
    const answer = await act(daemon, { action: "badMode" });
    assert.equal(header(answer, "X-Amz-Function-Error"), "Unhandled");
    assert.deepEqual(await told(), [400, "InvalidFunctionResponseMode"]);
  });

  test("a response that is cut is never delivered as a success (RT-17)", { timeout }, async () => {
    const answer = await act(daemon, { action: "truncated" });
    assertError(answer, "Runtime.TruncatedResponse", /^RequestId: /);
    assert.deepEqual(json(await invoke(daemon, "2")), 2);
  });

  test(
    "garbage on the Runtime API is refused, the invocation goes on (RT-16)",
    { timeout },
    async () => {
      const result = json(await act(daemon, { action: "garbage" }));
      assert.deepEqual(result, { garbage: "HTTP/1.1 400 Bad Request", unknown: 404, wrong: 405 });
    },
  );

  test(
    "a flood of output without a line end does no harm and forges nothing (RT-21)",
    { timeout },
    async () => {
      const event = { action: "flood", bytes: 20 * 1024 * 1024 };
      const answer = await act(daemon, event, { "X-Amz-Log-Type": "Tail" });
      assert.deepEqual(json(answer), { flooded: event.bytes });
      const id = header(answer, "x-amzn-RequestId") ?? "";
      assert.match(logTail(answer), new RegExp(`END RequestId: ${id}`));
      assert.deepEqual(json(await invoke(daemon, "4")), 4);
    },
  );

  test(
    "a child that became a daemon ends with its environment (RT-22)",
    { timeout, skip: !hasProc },
    async () => {
      const left = json(await act(daemon, { action: "daemon" })) as { daemon: number };
      assert.ok(await isRunning(left.daemon));
      assertError(await act(daemon, { action: "kill" }), "Runtime.ExitError", /signal: killed$/);
      assert.deepEqual(json(await invoke(daemon, "5")), 5);
      assert.equal(await isRunning(left.daemon), false);
    },
  );

  test("the invocation that ran all the while is undisturbed", { timeout }, () => held.finish());
});

describe("a runtime that cannot start is each caller's own clear error", { skip }, () => {
  test(
    "a command that does not exist is Runtime.InvalidEntrypoint with its path (RT-7)",
    { timeout },
    async () => {
      const answer = await firstAnswer(["/no/such/runtime", "app.handler"]);
      assertError(answer, "Runtime.InvalidEntrypoint", /\/no\/such\/runtime/);
      assert.match(answer.body.toString(), /ENOENT|no such file/i);
    },
  );

  test(
    "a file that is not executable is Runtime.InvalidEntrypoint (RT-7)",
    { timeout },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "lambdad-conformance-"));
      const file = join(folder, "bootstrap");
      try {
        await writeFile(file, "#!/bin/sh\n");
        await chmod(file, 0o644);
        assertError(await firstAnswer([file]), "Runtime.InvalidEntrypoint", /bootstrap/);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );

  test("a command that ends at once is Runtime.ExitError", { timeout }, async () => {
    assertError(await firstAnswer(["false"]), "Runtime.ExitError", /exit status 1$/);
  });

  test(
    "an initialisation that hangs ends at the function's timeout (RT-5)",
    { timeout },
    async () => {
      const args = ["--init-timeout=1", "--timeout=2", ...rawCommand];
      const answer = await firstAnswer(args, { FIXTURE_INIT: "hang" });
      assertError(answer, "Sandbox.Timedout", /Task timed out after 2\.00 seconds$/);
    },
  );
});
