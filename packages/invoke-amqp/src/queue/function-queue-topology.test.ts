import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  deadLetterDeclaration,
  delayQueueDeclaration,
  functionQueueTopology,
  isTransientRefusal,
  refusesTransientQueues,
} from "./function-queue-topology.ts";

describe("refusesTransientQueues()", () => {
  const versions: readonly (readonly [version: string, refuses: boolean])[] = [
    ["3.10.8", false],
    ["3.13.7", false],
    ["4.0.1", false],
    ["4.2.9", false],
    ["4.3.0", true],
    ["4.3.0-rc.1", true],
    ["4.10.0", true],
    ["5.0.0", true],
    ["", false],
    ["unknown", false],
  ];
  for (const [version, refuses] of versions) {
    test(`is ${refuses} for '${version}' (AM-18)`, () => {
      assert.equal(refusesTransientQueues(version), refuses);
    });
  }
});

describe("isTransientRefusal()", () => {
  test("knows the broker's words", () => {
    const text = "INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated";
    assert.equal(isTransientRefusal(`Connection closed: 541 with message "${text}"`), true);
    assert.equal(isTransientRefusal("Connection closed: 541 (INTERNAL-ERROR)"), false);
  });
});

describe("functionQueueTopology()", () => {
  test("declares for 'compat' what the existing projects do (§3)", () => {
    assert.deepEqual(functionQueueTopology({ name: "echo" }, false), {
      exchanges: [],
      queue: {
        name: "echo",
        passive: false,
        durable: false,
        exclusive: false,
        autoDelete: true,
        arguments: {},
      },
      bindings: [],
      consume: { exclusive: false, arguments: {} },
    });
  });

  test("declares it durable where transient ones are refused, and it still goes (§3.1)", () => {
    const { queue } = functionQueueTopology({ name: "echo" }, true);
    assert.deepEqual([queue.durable, queue.autoDelete, queue.exclusive], [true, true, false]);
  });

  test("gives 'quorum' its limit of deliveries, and overflow that refuses (AM-12, AM-13)", () => {
    const queue = { name: "q", profile: "quorum", deadLetterQueue: "d", lengthMax: 9 } as const;
    const topology = functionQueueTopology(queue, false);
    assert.deepEqual(topology.queue, {
      name: "q",
      passive: false,
      durable: true,
      exclusive: false,
      autoDelete: false,
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 5,
        "x-max-length": 9,
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "d",
        "x-dead-letter-strategy": "at-least-once",
      },
    });
    const dead = deadLetterDeclaration(queue);
    assert.equal(dead?.durable, true);
    assert.deepEqual(dead.arguments, { "x-queue-type": "quorum" });
  });

  test("has no dead letters for 'compat' (§16.3)", () => {
    assert.equal(deadLetterDeclaration({ name: "q", deadLetterQueue: "d" }), undefined);
  });
});

describe("delayQueueDeclaration()", () => {
  test("has one queue for each delay, which hands back to the function's (AM-14)", () => {
    const declaration = delayQueueDeclaration({ name: "q", profile: "durable" }, 60_000);
    assert.equal(declaration.name, "q.retry.60000");
    assert.equal(declaration.durable, true);
    assert.deepEqual(declaration.arguments, {
      "x-queue-type": "classic",
      "x-message-ttl": 60_000,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": "q",
    });
  });
});
