import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { OpenClients } from "./open-clients.ts";
import { ServiceClient } from "./service-client.ts";
import { Session } from "./session.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

test("OpenClients does not keep clients that nobody has", async () => {
  const clients = new OpenClients();
  const kept = new ServiceClient({ service: "sqs", options: {} });
  clients.add(kept);
  for (let n = 0; n < 100; n += 1) clients.add(new ServiceClient({ service: "sqs", options: {} }));
  for (let n = 0; n < 50 && clients.size > 1; n += 1) {
    await pause(1);
    collect();
  }
  assert.equal(clients.size, 1);
  await clients.close();
  await assert.rejects(kept.call("ListQueues"), { name: "ClientClosedError" });
});

test("Session.close() waits for the call of a client that nobody has", async (t) => {
  let answer: ServerResponse | undefined;
  let requests = 0;
  const arrived = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    requests += 1;
    if (requests === 1) response.end("{}");
    else {
      answer = response;
      arrived.resolve();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const session = new Session({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "A", secretAccessKey: "s" },
    environment: {},
  });
  let ended = false;
  const second = async (): Promise<{ call: Promise<unknown> }> => {
    const client = session.client("sqs");
    await client.listQueues({});
    return { call: client.listQueues({}).finally(() => (ended = true)) };
  };
  const { call } = await second();
  await arrived.promise;
  for (let n = 0; n < 10; n += 1) {
    await pause(1);
    collect();
  }
  const closed = session.close().then(() => assert.ok(ended, "closed before the call had ended"));
  await pause(1);
  answer?.end("{}");
  await Promise.all([closed, call]);
});
