import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { brokerUri } from "@lambdad/testkit";
import { atEnd } from "../testdata/broker-fixture.ts";
import { BrokerLink } from "./broker-link.ts";
import { parseBrokerUri } from "./parse-broker-uri.ts";

/** `channel.close`, as it stands in a frame. */
const channelClose = Buffer.from([0, 20, 0, 40]);

/** Leads to the broker, and breaks off when a client closes a channel. Gives the URI of it. */
async function breakAtChannelClose(t: TestContext): Promise<string> {
  const { hostname, port } = new URL(await brokerUri());
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
    upstream.on("data", (bytes) => client.write(bytes));
    client.on("data", (bytes) => {
      if (bytes.includes(channelClose)) end();
      else upstream.write(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => server.close());
  const uri = new URL(await brokerUri());
  uri.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return uri.href;
}

async function open(uri: string): Promise<BrokerLink> {
  return BrokerLink.open(parseBrokerUri(uri), {
    name: "test",
    signal: new AbortController().signal,
    onLost: () => undefined,
    onBlocked: () => undefined,
  });
}

describe(
  "BrokerLink.withChannel(), a connection lost while the channel closes",
  { timeout: 20_000 },
  () => {
    test("gives what was asked for", async (t) => {
      const link = await open(await breakAtChannelClose(t));
      assert.equal(await link.withChannel(async () => "done"), "done");
    });

    test("fails as the work did", async (t) => {
      const link = await open(await breakAtChannelClose(t));
      const failing = link.withChannel(() => Promise.reject(new Error("not done")));
      await assert.rejects(failing, /^Error: not done$/);
    });
  },
);
