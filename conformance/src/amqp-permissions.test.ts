// The users and permissions of docs/guides/scaling.md on a real broker: they are enough, and nothing less is.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { connect, type RpcClient } from "@lambdad/invoke-amqp";
import { type Broker, findBrokerServer, startBroker, waitFor } from "@lambdad/testkit";
import type { DaemonProcess } from "./daemon-process.ts";
import { repositoryRoot } from "./paths.ts";
import { spawnLambdad } from "./start-lambdad.ts";

const password = "secret";
const serving = /Serving '\w+' from the queue/;
const refused = /ACCESS_REFUSED - access to (?:queue|exchange) '[^']*'/;
const limitMs = 30_000;
const none = "^$";

interface Permissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/** The words of each `rabbitmqctl` of the guide, without that word. */
function guideCommands(): readonly (readonly string[])[] {
  const guide = readFileSync(join(repositoryRoot, "docs", "guides", "scaling.md"), "utf8");
  return [...guide.matchAll(/^rabbitmqctl (add_user|set_\w+) (.+)$/gm)].map(
    ([, name = "", rest = ""]) => {
      const words = rest.matchAll(/'([^']*)'|"\$\w+"|(\S+)/g);
      return [
        name,
        ...[...words].map(([word, quoted, plain]) => {
          return word.startsWith('"') ? password : (quoted ?? plain ?? "");
        }),
      ];
    },
  );
}

function permissionsOf(user: string): Permissions {
  const command = guideCommands().find(
    ([name, , , who]) => name === "set_permissions" && who === user,
  );
  const [configure = "", write = "", read = ""] = command?.slice(-3) ?? [];
  assert.notEqual(read, "", `the guide gives ${user} no permissions`);
  return { configure, write, read };
}

/** In CI nothing may be left out in silence: there it fails. */
const skip =
  findBrokerServer() === undefined && process.env["CI"] !== "true"
    ? "Install RabbitMQ (Debian: apt-get install rabbitmq-server)"
    : false;

describe("the permissions of the guide", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-permissions-"));
  let broker: Broker;

  before(async () => {
    writeFileSync(
      join(folder, "echo.mjs"),
      "export const handler = async (event) => { if (event.fail) throw new Error('as told'); return event; };\n",
    );
    broker = await startBroker();
    for (const command of guideCommands()) await broker.control(...command);
  });
  after(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const uriOf = (user: string): string => `amqp://${user}:${password}@127.0.0.1:${broker.port}`;

  /** A host of the function. Ends with the test. */
  function startHost(
    t: TestContext,
    user: string,
    variables: Readonly<Record<string, string>> = {},
  ): DaemonProcess {
    const host = spawnLambdad(
      ["run", "echo.handler"],
      { AMQP_URI: uriOf(user), AWS_LAMBDA_FUNCTION_NAME: "echo", ...variables },
      { cwd: folder },
    );
    t.after(() => host.stop());
    return host;
  }

  async function startCaller(t: TestContext, profile: "compat" | "durable"): Promise<RpcClient> {
    const rpc = await connect(uriOf("lambdad-caller"), { profileOf: () => profile });
    t.after(() => rpc.destroy());
    return rpc;
  }

  async function setPermissions(user: string, all: Permissions): Promise<void> {
    await broker.control("set_permissions", user, all.configure, all.write, all.read);
  }

  test("let hosts serve and callers call", async (t) => {
    await startHost(t, "lambdad-host").output.waitFor(serving, limitMs);
    const rpc = await startCaller(t, "compat");
    assert.deepEqual(await rpc.invoke("echo", { value: 1 }), { value: 1 });
    assert.equal(await rpc.exists("nobody"), false);
  });

  test("let hosts keep events that fail, and give up others", async (t) => {
    const variables = {
      AWS_LAMBDA_FUNCTION_NAME: "orders",
      LAMBDAD_QUEUE_PROFILE: "durable",
      LAMBDAD_DEAD_LETTER_QUEUE: "orders.dead",
    };
    await startHost(t, "lambdad-host", variables).output.waitFor(serving, limitMs);
    const rpc = await startCaller(t, "durable");
    await rpc.send("orders", { fail: true });
    await waitFor(async () => {
      const queues = await broker.queues();
      return queues.some(({ name, ready }) => name === "orders.retry.60000" && ready === 1);
    });
    assert.ok((await broker.queues()).some(({ name }) => name === "orders.dead"));
  });

  test("keep hosts from other functions, and callers from being hosts", async (t) => {
    const other = startHost(t, "lambdad-host", { AWS_LAMBDA_FUNCTION_NAME: "payments" });
    assert.match((await other.output.waitFor(refused, limitMs))[0], /queue 'payments'/);
    const thief = startHost(t, "lambdad-caller");
    assert.match((await thief.output.waitFor(refused, limitMs))[0], /queue 'echo'/);
  });

  for (const [missing, resource] of [
    ["configure", /queue 'echo'/],
    ["write", /exchange 'amq\.default'/],
    ["read", /queue 'echo'/],
  ] as const) {
    test(`are all needed: a host without ${missing} does not serve`, async (t) => {
      const user = "lambdad-host";
      const all = permissionsOf(user);
      t.after(() => setPermissions(user, all));
      await setPermissions(user, { ...all, [missing]: none });
      const { output } = startHost(t, user);
      assert.match((await output.waitFor(refused, limitMs))[0], resource);
    });
  }

  for (const missing of ["configure", "write", "read"] as const) {
    test(`are all needed: a caller without ${missing} cannot call`, async (t) => {
      const user = "lambdad-caller";
      const all = permissionsOf(user);
      t.after(() => setPermissions(user, all));
      await startHost(t, "lambdad-host").output.waitFor(serving, limitMs);
      await setPermissions(user, { ...all, [missing]: none });
      const call = async (): Promise<unknown> => {
        const rpc = await startCaller(t, "compat");
        return await rpc.invoke("echo", 1, { timeoutMs: limitMs });
      };
      await assert.rejects(call, refused);
    });
  }

  test("let the autoscaler look, and do nothing else", async () => {
    const listed = await broker.control("list_users", "--formatter", "json");
    const users = JSON.parse(listed) as readonly { user: string; tags: readonly string[] }[];
    const tags = users.find(({ user }) => user === "lambdad-autoscaler")?.tags;
    assert.deepEqual(tags, ["management"]);
    assert.deepEqual(permissionsOf("lambdad-autoscaler"), {
      configure: none,
      write: none,
      read: none,
    });
  });
});
