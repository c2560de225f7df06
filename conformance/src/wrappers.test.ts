import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { peerCommand } from "./host.ts";
import { pythonRic } from "./install/parts.ts";
import { invoke } from "./invoke.ts";
import { repositoryRoot } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { rawCommand } from "./runtimes.ts";
import { failure, tell, withFunction, wrappers } from "./wrapped-function.ts";

const skip = peerCommand === undefined ? false : "lambdad alone";
const options = { timeout: 60_000 };
const nodeBootstrap = join(repositoryRoot, "packages", "node-runtime", "src", "bootstrap.ts");

describe("AWS_LAMBDA_EXEC_WRAPPER of `lambdad run`", { skip }, () => {
  for (const [wrapper, what] of [
    ["exec.sh", "a shell script that execs the runtime"],
    ["spawn.sh", "a shell script that stays in front of the runtime"],
    ["exec.py", "a Python script that execs the runtime"],
    ["spawn.py", "a Python script that closes the descriptors and starts the runtime"],
    ["output.sh", "a shell script that puts its output in the place of the channel"],
  ] as const) {
    test(`runs ${what}, once`, options, () =>
      withFunction({ wrapper }, async (daemon) => {
        const told = await tell(daemon, "a");
        assert.equal(told.mine, `from ${wrapper}`);
        assert.equal(told.times, "x");
        assert.deepEqual(told.internal, []);
        assert.equal((await tell(daemon, "b")).event, "b");
        assert.doesNotMatch(daemon.output.text, /"rapi\.reject"/);
      }),
    );
  }

  test("takes the variable from --env-file", options, () =>
    withFunction(
      { functionEnv: { AWS_LAMBDA_EXEC_WRAPPER: join(wrappers, "exec.sh") } },
      async (daemon) => {
        assert.equal((await tell(daemon)).mine, "from exec.sh");
      },
    ),
  );

  test("ignores the variable when it is empty", options, () =>
    withFunction({ env: { AWS_LAMBDA_EXEC_WRAPPER: "" } }, async (daemon) => {
      assert.equal((await tell(daemon)).mine, undefined);
    }),
  );

  test("lets it give Node options as AWS's guide does", options, () =>
    withFunction(
      { wrapper: "options.sh", env: { EXTRA_OPTIONS: "--stack-trace-limit=7 --no-deprecation" } },
      async (daemon) => {
        const { execArgv } = await tell(daemon);
        assert.deepEqual(execArgv, ["--stack-trace-limit=7", "--no-deprecation"]);
      },
    ),
  );

  for (const [wrapper, status, line] of [
    ["nothing.sh", 127, "does not exist"],
    ["not-executable.sh", 126, "is not an executable"],
  ] as const) {
    test(`answers with the exit status ${status} of ${wrapper}`, options, () =>
      withFunction({ wrapper }, async (daemon) => {
        assert.deepEqual(await failure(daemon), {
          errorType: "Runtime.ExitError",
          errorMessage: `Error: Runtime exited with error: exit status ${status}`,
        });
        await daemon.output.waitFor(new RegExp(`${wrapper}: ${line}`), 10_000);
      }),
    );
  }

  test("passes the exit of the runtime on, and ends what a script has started", options, () =>
    withFunction(
      { wrapper: "spawn.sh", args: ["run", "--timeout=1", "app.handler"] },
      async (daemon) => {
        assert.deepEqual(await failure(daemon, { action: "exit" }), {
          errorType: "Runtime.ExitError",
          errorMessage: "Error: Runtime exited with error: exit status 3",
        });
        await daemon.output.waitFor(/the runtime ended with 3/, 10_000);
        assert.deepEqual(await failure(daemon, { action: "sleep", ms: 30_000 }), {
          errorType: "Sandbox.Timedout",
          errorMessage: "Error: Task timed out after 1.00 seconds",
        });
        assert.equal((await tell(daemon, 1)).event, 1);
      },
    ),
  );
});

describe("AWS_LAMBDA_EXEC_WRAPPER of `lambdad COMMAND`", { skip }, () => {
  test("is left to a command that knows nothing of it", options, () =>
    withFunction({ wrapper: "nothing.sh", args: rawCommand }, async (daemon) => {
      assert.equal((await invoke(daemon, "1")).body.toString(), "1");
    }),
  );

  for (const wrapper of ["exec.sh", "spawn.sh"]) {
    test(`is run once by lambdad-node-runtime (${wrapper})`, options, () =>
      withFunction(
        { wrapper, args: [process.execPath, nodeBootstrap, "app.handler"] },
        async (daemon) => {
          const { mine, times, event } = await tell(daemon, 2);
          assert.deepEqual(
            { mine, times, event },
            { mine: `from ${wrapper}`, times: "x", event: 2 },
          );
        },
      ),
    );
  }
});

describe("agents of NODE_OPTIONS", { skip }, () => {
  test("are loaded before the function", options, () =>
    withFunction({ functionEnv: { NODE_OPTIONS: "--require ./agent.cjs" } }, async (daemon) => {
      assert.equal((await tell(daemon)).agent, "required");
    }),
  );

  test("may come from a wrapper", options, () =>
    withFunction(
      { wrapper: "exec.sh", functionEnv: { NODE_OPTIONS: "--require ./agent.cjs" } },
      async (daemon) => {
        const { agent, mine } = await tell(daemon);
        assert.deepEqual([agent, mine], ["required", "from exec.sh"]);
      },
    ),
  );
});

for (const way of [{}, { wrapper: "exec.sh" }, { wrapper: "proxy.sh" }]) {
  const name = `an internal extension gets the events, and time at the end ${JSON.stringify(way)}`;
  test(name, { ...options, skip }, async () => {
    const output: string[] = [];
    const agent = join(wrappers, "internal-extension.mjs");
    const functionEnv = { NODE_OPTIONS: `--import ${agent}` };
    await withFunction({ ...way, functionEnv }, async (daemon) => {
      daemon.output.onText = (text) => output.push(text);
      for (const event of [1, 2]) assert.equal((await tell(daemon, event)).event, event);
    });
    assert.match(output.join(""), /\tflushed after 2$/m);
  });
}

const ways = [
  ["a wrapper", { wrapper: "proxy.sh" }],
  ["an agent", { functionEnv: { NODE_OPTIONS: `--import ${join(wrappers, "proxy-agent.mjs")}` } }],
] as const;

for (const [what, way] of ways) {
  describe(`a proxy that ${what} has put before the Runtime API`, { skip }, () => {
    test("sees every call, and may change the answer", options, () =>
      withFunction(way, async (daemon) => {
        const none = { next: 1, response: 1, error: 0, streamed: 0, init: 0 };
        assert.deepEqual((await tell(daemon, 1)).proxy, none);
        assert.deepEqual((await tell(daemon, 2)).proxy, { ...none, next: 2, response: 2 });
        assert.deepEqual(await failure(daemon, { action: "fail", message: "no" }), {
          errorType: "Error",
          errorMessage: "no",
        });
        const all = { ...none, next: 4, response: 3, error: 1 };
        assert.deepEqual((await tell(daemon, 3)).proxy, all);
      }),
    );

    test("passes a stream on, and may add to it", options, () =>
      withFunction({ ...way, args: ["run", "app.stream"] }, async (daemon) => {
        const answer = await invoke(daemon, '{"chunks":["one;","two;"]}');
        assert.equal(answer.body.toString(), "one;two;[proxied]");
      }),
    );
  });
}

test("a proxy sees that the function cannot be loaded", { ...options, skip }, () =>
  withFunction({ wrapper: "proxy.sh", args: ["run", "app.nothing"] }, async (daemon) => {
    assert.deepEqual(await failure(daemon), {
      errorType: "Runtime.HandlerNotFound",
      errorMessage: "app.nothing is undefined or not exported",
    });
  }),
);

const python = skip === false ? await prepare(pythonRic) : undefined;

if (python !== undefined) {
  const PATH = `${join(python, "bin")}:${process.env["PATH"]}`;
  const run = { args: ["run", "python_app.handler"], env: { PATH } } as const;

  describe("AWS_LAMBDA_EXEC_WRAPPER of a Python function", () => {
    test("is not needed", options, () =>
      withFunction(run, async (daemon) => {
        const { event, handler } = await tell(daemon, 1);
        assert.deepEqual([event, handler], [1, "python_app.handler"]);
      }),
    );

    for (const wrapper of ["exec.sh", "spawn.sh", "exec.py", "spawn.py"]) {
      test(`is run with the runtime's command (${wrapper})`, options, () =>
        withFunction({ ...run, wrapper }, async (daemon) => {
          const { event, mine } = await tell(daemon, 1);
          assert.deepEqual([event, mine], [1, `from ${wrapper}`]);
        }),
      );
    }

    test("may give Python options as AWS's guide does", options, () =>
      withFunction(
        { ...run, wrapper: "options.sh", env: { PATH, EXTRA_OPTIONS: "-X marked" } },
        async (daemon) => {
          assert.deepEqual((await tell(daemon)).options, ["marked"]);
        },
      ),
    );

    test("may put another handler before the function's", options, () =>
      withFunction({ ...run, wrapper: "handler.sh" }, async (daemon) => {
        const { agent, handler } = await tell(daemon);
        assert.deepEqual([agent, handler], [true, "agent.handler"]);
      }),
    );

    test("may put a proxy before the Runtime API", options, () =>
      withFunction({ ...run, wrapper: "proxy.sh" }, async (daemon) => {
        assert.equal((await tell(daemon, 1)).proxy?.["next"], 1);
        assert.equal((await tell(daemon, 2)).proxy?.["response"], 2);
      }),
    );

    test("answers with the exit status of a wrapper that is not there", options, () =>
      withFunction({ ...run, wrapper: "nothing.sh" }, async (daemon) => {
        assert.deepEqual(await failure(daemon), {
          errorType: "Runtime.ExitError",
          errorMessage: "Error: Runtime exited with error: exit status 127",
        });
      }),
    );

    for (const wrapper of ["exec.sh", "proxy.sh"]) {
      test(`is left to the bootstrap of \`lambdad COMMAND\` (${wrapper})`, options, () =>
        withFunction({ wrapper, args: ["./bootstrap.sh"], env: { PATH } }, async (daemon) => {
          const { event, times, proxy } = await tell(daemon, 1);
          assert.equal(event, 1);
          if (wrapper === "exec.sh") assert.equal(times, "x");
          else assert.equal(proxy?.["response"], 1);
        }),
      );
    }
  });
}
