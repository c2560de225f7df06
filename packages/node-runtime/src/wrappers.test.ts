import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { returned } from "./testdata/answers.ts";
import { startFakeChannelHost } from "./testdata/fake-channel-host.ts";
import { startFakeHttpHost } from "./testdata/fake-http-host.ts";

const options = { timeout: 60_000 };
const linux = { ...options, skip: process.platform === "linux" ? false : "needs /proc" };

const tell =
  'export const handler = async () => ({ mine: process.env.MINE, argv: process.argv.length, own: Object.keys(process.env).filter((name) => name.startsWith("LAMBDAD_")) });';
const told = (mine: string): string => JSON.stringify({ mine, argv: 2, own: [] });

/** Wrapper scripts that leave the channel as it is, or not. */
const wrappers = {
  exec: '#!/bin/sh\nexport MINE=exec\nexec "$@"\n',
  spawn: '#!/bin/sh\nexport MINE=spawn\n"$@"\n',
  closed: '#!/bin/sh\nexport MINE=closed\nexec "$@" 3>&-\n',
  file: '#!/bin/sh\nexport MINE=file\nexec "$@" 3>/dev/null\n',
  // The output of a child of Node is a socket as well.
  output: '#!/bin/sh\nexport MINE=output\nexec "$@" 3>&1\n',
} as const;

function wrapped(name: keyof typeof wrappers) {
  const env = { AWS_LAMBDA_EXEC_WRAPPER: "./wrapper.sh" };
  return { "index.mjs": tell, "wrapper.sh": wrappers[name], env };
}

describe("the runtime behind a wrapper script", () => {
  for (const name of ["exec", "spawn"] as const) {
    test(`uses the channel that the script leaves (${name})`, linux, async (t) => {
      const host = await startFakeChannelHost(t, wrapped(name));
      assert.equal(returned(await host.invoke("{}")), told(name));
    });
  }

  for (const name of ["closed", "file", "output"] as const) {
    test(`uses HTTP when the script has changed the descriptor (${name})`, options, async (t) => {
      const { env, ...files } = wrapped(name);
      const host = await startFakeHttpHost(t, {
        ...files,
        env: { ...env, LAMBDAD_RUNTIME_CHANNEL_FD: "3" },
      });
      assert.equal(returned(await host.invoke("{}")), told(name));
      assert.equal(host.output(), "");
    });
  }

  test("uses HTTP when the script has changed AWS_LAMBDA_RUNTIME_API", options, async (t) => {
    const { env, ...files } = wrapped("exec");
    const host = await startFakeHttpHost(t, {
      ...files,
      env: {
        ...env,
        LAMBDAD_RUNTIME_CHANNEL_FD: "3",
        LAMBDAD_RUNTIME_CHANNEL_API: "127.0.0.1:1",
      },
    });
    assert.equal(returned(await host.invoke("{}")), told("exec"));
  });

  test("runs the function that the script has put into _HANDLER", options, async (t) => {
    const host = await startFakeHttpHost(t, {
      "index.mjs": 'throw new Error("not this one");',
      "agent/agent.mjs": "export const handler = async () => process.env.ORIGINAL;",
      "wrapper.sh":
        '#!/bin/sh\nexport ORIGINAL=$_HANDLER _HANDLER=$PWD/agent/agent.handler\nexec "$@"\n',
      env: { AWS_LAMBDA_EXEC_WRAPPER: "./wrapper.sh" },
    });
    assert.equal(returned(await host.invoke("{}")), '"index.handler"');
  });

  test(
    "takes options for Node before its last argument, as AWS's guide puts them",
    options,
    async (t) => {
      const host = await startFakeHttpHost(t, {
        "index.mjs": "export const handler = async () => process.execArgv;",
        "wrapper.sh": [
          "#!/usr/bin/env bash",
          'args=("$@")',
          'exec "${args[@]:0:$#-1}" --stack-trace-limit=7 "${args[@]: -1}"',
          "",
        ].join("\n"),
        env: { AWS_LAMBDA_EXEC_WRAPPER: "./wrapper.sh" },
      });
      assert.equal(returned(await host.invoke("{}")), '["--stack-trace-limit=7"]');
    },
  );
});
