import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { HostError } from "@lambdad/core";
import { type Broker, startBroker, waitFor } from "@lambdad/testkit";
import { BrokerError } from "../broker/broker-error.ts";
import { DoorFixture } from "../testdata/broker-fixture.ts";
import { connect } from "../caller/connect.ts";

describe("a broker that lacks something", () => {
  let broker: Broker;
  let users = 0;
  before(async () => {
    broker = await startBroker();
  });
  after(async () => broker.stop());

  /** The broker's address for a new user with these patterns. */
  async function userWith(configure: string, write: string, read: string): Promise<string> {
    users += 1;
    const name = `user-${users}`;
    await broker.control("add_user", name, "secret");
    await broker.control("set_permissions", name, configure, write, read);
    return broker.uri.replace(/\/\/(?:.*@)?/, `//${name}:secret@`);
  }

  for (const [what, configure, write, read] of [
    ["to declare", "^$", ".*", ".*"],
    ["to publish", ".*", "^$", ".*"],
    ["to consume", ".*", ".*", "^$"],
  ] as const) {
    test(`refuses a host that may not ${what}, at its start and with its text (AM-21)`, async () => {
      const uri = await userWith(configure, write, read);
      for (const mode of ["required", "background"] as const) {
        await assert.rejects(new DoorFixture(uri).door.start(mode), (error) => {
          assert.ok(error instanceof BrokerError);
          assert.equal(error.kind, "refused");
          assert.match(error.message, /403 \(ACCESS-REFUSED\).*refused for user/);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        });
      }
    });
  }

  test("connects while an alarm is on, and refuses calls until it is over (AM-6)", async (t) => {
    const host = await DoorFixture.start(t, { uri: broker.uri });
    await broker.setMemoryAlarm(true);
    try {
      const late = await DoorFixture.start(t, { uri: broker.uri });
      const returned: string[] = [];
      const observer = { returned: (functionName: string) => returned.push(functionName) };
      const rpc = await connect(`${broker.uri}?blocked_connection_timeout=0.2`, { observer });
      t.after(() => rpc.destroy());
      assert.equal(rpc.state.kind, "blocked");
      await assert.rejects(
        rpc.invoke(host.queue, 1),
        (error) =>
          error instanceof HostError &&
          error.code === "ServiceUnavailable" &&
          error.message.includes("takes no messages"),
      );
      await broker.setMemoryAlarm(false);
      await waitFor(() => rpc.state.kind === "up");
      assert.equal(await rpc.invoke(host.queue, 1), 1);
      assert.equal(await rpc.invoke(late.queue, 1), 1);
      // What the connections were tried with is nobody's loss.
      assert.deepEqual(returned, []);
      assert.equal(late.repliesReturned, 0);
    } finally {
      await broker.setMemoryAlarm(false);
    }
  });
});
