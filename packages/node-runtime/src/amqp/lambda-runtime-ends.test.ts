// How processes of lambda-runtime start, fail and stop, against the real broker.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { FunctionError } from "@lambdad/invoke-amqp";
import { brokerUri, startBroker, unusedPort, waitFor } from "@lambdad/testkit";
import { caller, RuntimeHost } from "./testdata/runtime-host.ts";

/** Sleeps for as many milliseconds as the event says, and says that it does. */
const sleeper = `export const handler = async (event) => {
  console.log("sleeping", event.tag);
  await new Promise((resolve) => setTimeout(resolve, event.ms));
  return event.tag;
};`;

describe("lambda-runtime stops", () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    test(`at ${signal} when what runs is answered, with 0 (HO-8)`, async (t) => {
      const host = await RuntimeHost.start(t, { source: sleeper });
      const rpc = await caller(t);
      const running = rpc.invoke(host.queue, { tag: "running", ms: 300 });
      await host.said("sleeping running");
      host.child.kill(signal);
      assert.equal(await running, "running");
      const { code, stderr } = await host.output.end;
      assert.equal(code, 0, stderr);
      assert.match(stderr, new RegExp(`${signal}: stopping; running calls have 8 s`));
    });
  }

  test("and gives back what takes longer than --drain-timeout (HO-8)", async (t) => {
    const args = ["--drain-timeout", "0.2"];
    const host = await RuntimeHost.start(t, { source: sleeper, args });
    const rpc = await caller(t);
    const long = rpc.invoke(host.queue, { tag: "long", ms: 60_000 });
    await host.said("sleeping long");
    await RuntimeHost.start(t, { source: 'export default () => "other";', queue: host.queue });
    host.child.kill("SIGTERM");
    assert.equal((await host.output.end).code, 0);
    assert.equal(await long, "other");
  });

  const second = [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const;
  for (const [signal, code] of second) {
    test(`at once at a second ${signal}, with ${code}`, async (t) => {
      const host = await RuntimeHost.start(t, { source: sleeper });
      const rpc = await caller(t);
      rpc.invoke(host.queue, { tag: "long", ms: 60_000 }).catch(() => undefined);
      await host.said("sleeping long");
      host.child.kill("SIGTERM");
      await host.said("stopping");
      host.child.kill(signal);
      assert.equal((await host.output.end).code, code);
    });
  }

  test("while it waits for its broker", async (t) => {
    const uri = `amqp://127.0.0.1:${await unusedPort()}?connection_attempts=20&retry_delay=10`;
    const host = await RuntimeHost.spawn(t, { uri });
    await host.said("attempt 1 of 20");
    host.child.kill("SIGTERM");
    assert.equal((await host.output.end).code, 0);
  });
});

const uncaught = [
  ["an exception", 'setTimeout(() => { throw new RangeError("mine"); }, 1)', "RangeError", "mine"],
  [
    "a rejection",
    'void Promise.reject(new RangeError("mine"))',
    "Runtime.UnhandledPromiseRejection",
    "RangeError: mine",
  ],
] as const;
for (const [what, code, errorType, message] of uncaught) {
  test(`${what} that nobody caught fails its call; the others end, and the process with 1`, async (t) => {
    const host = await RuntimeHost.start(t, {
      source: `let open; const gate = new Promise((resolve) => { open = resolve; });
        export const handler = async (event) => {
          console.log("in", event);
          if (event === "good") { await gate; return "good"; }
          ${code};
          setTimeout(open, 50);
          await new Promise(() => {});
        };`,
    });
    const rpc = await caller(t);
    const good = rpc.invoke(host.queue, "good");
    await host.said("in good");
    await assert.rejects(rpc.invoke(host.queue, "bad"), (error) => {
      assert.ok(error instanceof FunctionError);
      assert.deepEqual([error.errorType, error.message], [errorType, message]);
      return true;
    });
    assert.equal(await good, "good");
    assert.equal((await host.output.end).code, 1);
  });
}

test("process.exit() in the function ends the process with its code, and the log says so", async (t) => {
  const host = await RuntimeHost.start(t, { source: "export default () => process.exit(3);" });
  const rpc = await caller(t);
  const call = rpc.invoke(host.queue, {});
  const { code, stderr } = await host.output.end;
  assert.equal(code, 3);
  assert.match(stderr, /ended the process with code 3: what it ran goes back to the queue\n$/);
  call.catch(() => undefined);
});

describe("lambda-runtime does not start", () => {
  test("without a broker, after the attempts of its URL (AM-1)", async (t) => {
    const port = await unusedPort();
    const uri = `amqp://user:secret@127.0.0.1:${port}?connection_attempts=2&retry_delay=0.1`;
    const { code, stderr } = await (await RuntimeHost.spawn(t, { uri })).output.end;
    assert.equal(code, 1);
    assert.match(stderr, /attempt 1 of 2, the next in 0\.1 s/);
    assert.match(stderr, new RegExp(`ERROR .*127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`));
    assert.ok(!stderr.includes("secret"), stderr);
  });

  test("with wrong credentials, and without showing them (AM-21, INV-10)", async (t) => {
    const uri = new URL(await brokerUri());
    uri.username = "nobody";
    uri.password = "secret";
    const { code, stderr } = await (await RuntimeHost.spawn(t, { uri: uri.href })).output.end;
    assert.equal(code, 1);
    assert.match(stderr, /ERROR .*ACCESS.REFUSED/i);
    assert.ok(!stderr.includes("secret"), stderr);
  });

  const wrong = [
    ["a URL that is none", ["-u", "http://user:secret@x"], /: scheme must be amqp:\/\/ or amqps/],
    ["an unknown option", ["--nonsense"], /^lambda-runtime: Unknown option '--nonsense'\nType/],
    ["a queue of the broker's own", ["-q", "amq.mine"], /'amq\.' are the broker's own/],
  ] as const;
  for (const [what, args, message] of wrong) {
    test(`with ${what}: exit code 2 (HO-13)`, async (t) => {
      const { code, stderr } = await (await RuntimeHost.spawn(t, { args })).output.end;
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.ok(!stderr.includes("secret"), stderr);
    });
  }

  const broken = [
    ["a module that throws", 'throw new RangeError("at load");', [], /RangeError: at load/],
    [
      "a module without a handler",
      "export const x = 1;",
      [],
      /Runtime\.HandlerNotFound: .*app\.mjs/,
    ],
    ["a module that throws null", "throw null;", [], /Cannot load the function: it threw null\n$/],
    [
      "a module that throws what has no text",
      "throw Object.create(null);",
      [],
      /Cannot load the function: it threw /,
    ],
    [
      "a module whose top-level await never settles",
      "await new Promise(() => {}); export const handler = () => 1;",
      [],
      /Runtime\.UnsettledTopLevelAwait: A top-level await never settles\n$/,
    ],
    [
      "a module that ends the process",
      "process.exit(1);",
      [],
      /ERROR lambda-runtime: The function has ended the process with code 1\n$/,
    ],
    [
      "a module that throws in its threads",
      'throw new Error("no");',
      ["--threads", "2"],
      /Error: no/,
    ],
  ] as const;
  for (const [what, source, args, message] of broken) {
    test(`with ${what}: exit code 1`, async (t) => {
      const { code, stderr } = await (await RuntimeHost.spawn(t, { source, args })).output.end;
      assert.equal(code, 1);
      assert.match(stderr, message);
    });
  }
});

describe("lambda-runtime --threads", () => {
  test("runs calls that block side by side, and ends one that does not stop (RT-4)", async (t) => {
    const host = await RuntimeHost.start(t, {
      source: `import { threadId } from "node:worker_threads";
        export const handler = (event) => {
          if (event === "spin") for (;;);
          return threadId;
        };`,
      args: ["--threads", "2", "--timeout", "1.5"],
    });
    const rpc = await caller(t);
    const spinning = rpc.invoke(host.queue, "spin");
    const other = await rpc.invoke<number>(host.queue, "id");
    assert.ok(other > 0);
    await assert.rejects(spinning, { errorType: "Sandbox.Timedout" });
    await host.said("Task timed out after 1.50 seconds");
    const threads = await Promise.all(
      Array.from({ length: 40 }, () => rpc.invoke<number>(host.queue, "id")),
    );
    assert.ok(threads.includes(other));
    host.child.kill("SIGTERM");
    assert.equal((await host.output.end).code, 0);
  });
});

test("lambda-runtime runs an event that nobody waits for, and survives a restart of its broker", async (t) => {
  const broker = await startBroker();
  t.after(() => broker.stop());
  const host = await RuntimeHost.start(t, {
    source: 'export const handler = (event) => { console.log("ran", event.order); };',
    args: ["--queue-profile", "durable"],
    uri: broker.uri,
  });
  const { connect } = await import("@lambdad/invoke-amqp");
  const rpc = await connect(broker.uri, { profileOf: () => "durable" });
  t.after(() => rpc.destroy());
  await rpc.send(host.queue, { order: 4711 });
  await host.said("ran 4711");
  await broker.stopApp();
  await host.said("Lost the broker at");
  await broker.startApp();
  await host.said(`${broker.port} again`);
  await waitFor(async () => {
    try {
      await rpc.send(host.queue, { order: 4712 });
      return true;
    } catch {
      return false;
    }
  });
  await host.said("ran 4712");
});

test("lambda-runtime -p writes a CPU profile and a table when it ends", async (t) => {
  const host = await RuntimeHost.start(t, { source: sleeper, args: ["-p"] });
  const rpc = await caller(t);
  assert.equal(await rpc.invoke(host.queue, { tag: "profiled", ms: 1 }), "profiled");
  host.child.kill("SIGTERM");
  const { code, stderr } = await host.output.end;
  assert.equal(code, 0, stderr);
  const profiles = readdirSync(host.folder).filter((name) => name.endsWith(".cpuprofile"));
  assert.equal(profiles.length, 1);
  assert.ok(stderr.includes(profiles[0] ?? ""), stderr);
});
