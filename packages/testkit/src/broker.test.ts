import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type Broker, startBroker } from "./broker.ts";
import { brokerAnswers } from "./broker-probe.ts";
import { RawConnection } from "./raw-connection.ts";
import { waitFor } from "./wait-for.ts";

const declare = (name: string): string =>
  `begin rabbit_amqqueue:declare(rabbit_misc:r(<<"/">>, queue, <<"${name}">>), true, false, [], none, <<"test">>), true end`;

describe("startBroker()", () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(async () => await broker.stop());

  test("gives a broker that lets its URI's user in, and no other", async () => {
    assert.equal(await brokerAnswers(broker.uri), true);
    assert.equal(await brokerAnswers(broker.uri.replace("guest:guest", "guest:wrong")), false);
  });

  test("evaluate() gives the value of an Erlang expression", async () => {
    assert.deepEqual(await broker.evaluate(`#{a => [1, <<"é\\"">>], b => true}`), {
      a: [1, 'é"'],
      b: true,
    });
  });

  test("evaluate() rejects with the Erlang error", async () => {
    await assert.rejects(broker.evaluate("nobody:nothing()"), /Cannot evaluate .*undef/s);
    await assert.rejects(broker.evaluate("]"), /Cannot evaluate/);
  });

  test("control() runs rabbitmqctl", async () => {
    assert.match(await broker.control("list_vhosts"), /^\/$/m);
    await assert.rejects(broker.control("no_such_command"), /rabbitmqctl no_such_command/);
  });

  test("queues() lists the queues, deleteQueue() deletes one", async () => {
    await broker.evaluate(declare("one"));
    const idle = { durable: true, ready: 0, unacknowledged: 0, consumers: 0 };
    assert.deepEqual(await broker.queues(), [{ name: "one", ...idle }]);
    assert.equal(await broker.deleteQueue("one"), true);
    assert.equal(await broker.deleteQueue("one"), false);
    assert.deepEqual(await broker.queues(), []);
  });

  test("setMemoryAlarm() raises the alarm and clears it", async () => {
    const alarms = (): Promise<unknown> => broker.evaluate("length(rabbit_alarm:get_alarms())");
    await broker.setMemoryAlarm(true);
    await waitFor(async () => (await alarms()) === 1);
    await broker.setMemoryAlarm(false);
    await waitFor(async () => (await alarms()) === 0);
  });

  test("closeConnections() closes what is connected", async (t) => {
    const connection = await openConnection(t, broker);
    await waitFor(async () => (await broker.connections()) === 1);
    assert.equal(await broker.closeConnections(), 1);
    await connection.readToEnd();
    await waitFor(async () => (await broker.connections()) === 0);
  });

  test("stopApp() ends its connections and its port, startApp() brings it back", async (t) => {
    const connection = await openConnection(t, broker);
    await broker.stopApp();
    await connection.readToEnd();
    assert.equal(await brokerAnswers(broker.uri), false);
    await broker.startApp();
    assert.equal(await brokerAnswers(broker.uri), true);
  });

  test("pause() makes it silent, resume() goes on", async () => {
    broker.pause();
    assert.equal(await brokerAnswers(broker.uri, { timeoutMs: 300 }), false);
    broker.resume();
    assert.equal(await brokerAnswers(broker.uri), true);
  });

  test("kill() ends it at once, start() brings it back with its durable queues", async () => {
    await broker.evaluate(declare("kept"));
    const { pid } = broker;
    await broker.kill();
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    assert.throws(() => broker.pid, /does not run/);
    await broker.start();
    assert.deepEqual(
      (await broker.queues()).map(({ name }) => name),
      ["kept"],
    );
    await broker.deleteQueue("kept");
  });
});

test("startBroker() rejects with the broker's own words when it does not start", async () => {
  await assert.rejects(startBroker({ configuration: ["no_such_key = 1"] }), /no_such_key/);
});

test("startBroker() leaves nothing behind when its process is killed", async (t) => {
  const program = join(dirname(fileURLToPath(import.meta.url)), "testdata", "broker-owner.ts");
  const owner = spawn(process.execPath, ["--conditions=@lambdad/source", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => owner.kill("SIGKILL"));
  const [line] = (await once(owner.stdout, "data")) as [Buffer];
  const folder = line.toString().trim();
  assert.equal(existsSync(folder), true);
  assert.notEqual(processesIn(folder).length, 0);
  owner.kill("SIGKILL");
  await waitFor(() => processesIn(folder).length === 0, { what: `the end of those in ${folder}` });
  await waitFor(() => !existsSync(folder), { what: `the end of ${folder}` });
});

/** The processes whose working directory is there. */
function processesIn(folder: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  });
}

/** A connection that the broker knows as one. */
async function openConnection(t: TestContext, { port }: Broker): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  t.after(() => connection.destroy());
  connection.send("AMQP\0\0\u0009\u0001");
  await waitFor(() => connection.pendingBytes > 0);
  return connection;
}
