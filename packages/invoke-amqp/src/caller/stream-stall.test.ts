import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResponseStream } from "@lambdad/core";
import { brokerUri } from "@lambdad/testkit";
import { connect as connectPeer } from "amqplib";
import { atEnd } from "../testdata/broker-fixture.ts";
import { StreamReader } from "./stream-reader.ts";

test("StreamReader gives up a stream that its caller does not take (reliability §3)", async (t) => {
  const model = await connectPeer(await brokerUri());
  atEnd(t, () => model.close());
  const channel = await model.createChannel();
  await channel.prefetch(8);
  let taken = 0;
  const stalled: ResponseStream = {
    start() {
      taken = 0;
    },
    write() {
      taken += 1;
      return false;
    },
    onDrain() {
      // It never does.
    },
  };
  const reader = new StreamReader(stalled, 50);
  atEnd(t, () => reader.close());
  await new Promise<void>((resolve, reject) => {
    reader
      .open(channel, { ended: () => reject(new Error("It has ended")), broken: resolve })
      .then(() => {
        for (const place of ["0/", "1/", "2/2"]) {
          const headers = { "X-Lambda-Stream": place, "X-Lambda-Stream-Id": "i" };
          channel.sendToQueue(reader.queue, Buffer.from("piece"), { headers });
        }
      })
      .catch(reject);
  });
  assert.equal(taken, 1);
});
