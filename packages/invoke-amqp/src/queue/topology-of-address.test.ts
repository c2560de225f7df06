import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { AddressError } from "./address-error.ts";
import { parseAddress } from "./parse-address.ts";
import type {
  ExchangeDeclaration,
  QueueBinding,
  QueueDeclaration,
  QueueTopology,
} from "./queue-topology.ts";
import { topologyOf } from "./topology-of-address.ts";

const queue: QueueDeclaration = {
  name: "",
  passive: false,
  durable: false,
  exclusive: false,
  autoDelete: false,
  arguments: {},
};
const subscription: QueueDeclaration = { ...queue, exclusive: true, autoDelete: true };
const exchange: ExchangeDeclaration = {
  name: "",
  type: "direct",
  passive: false,
  durable: false,
  internal: false,
  autoDelete: false,
  arguments: {},
};
const consume: QueueTopology["consume"] = { exclusive: false, arguments: {} };

function binding(exchangeName: string, key: string, to = ""): QueueBinding {
  return { exchange: exchangeName, queue: to, key, arguments: {} };
}

const cases: readonly (readonly [text: string, Partial<QueueTopology>])[] = [
  // What hosts and callers of the existing projects use.
  [
    'echo; {"node": {"auto-delete": true}}',
    { queue: { ...queue, name: "echo", autoDelete: true } },
  ],
  [
    '; {"link": {"x-subscribe": {"arguments": {"x-priority": 10}}}}',
    {
      queue: { ...queue, autoDelete: true },
      consume: { exclusive: false, arguments: { "x-priority": 10 } },
    },
  ],
  ["", { queue: { ...queue, autoDelete: true } }],
  ["echo", { queue: { ...queue, name: "echo" } }],
  [
    'q; {"node": {"type": "queue", "durable": true}, "link": {"x-subscribe": {"exclusive": true}}}',
    {
      queue: { ...queue, name: "q", durable: true },
      consume: { exclusive: true, arguments: {} },
    },
  ],
  [
    'q; {"node": {"x-declare": {"durable": true, "exclusive": true, "arguments": {"x-expires": 1000}}}}',
    {
      queue: {
        ...queue,
        name: "q",
        durable: true,
        exclusive: true,
        arguments: { "x-expires": 1000 },
      },
    },
  ],
  [
    '{"node": {"x-declare": {"queue": "q", "passive": true}}}',
    { queue: { ...queue, name: "q", passive: true } },
  ],
  [
    'q; {"node": {"x-declare": {"exchange": "h", "exchange-type": "headers", "durable": true}, "x-bindings": [{"exchange": "h", "queue": "q", "key": "d", "arguments": {"x-match": "all"}}, {"key": "skipped"}, {"exchange": "e", "queue": "other"}]}}',
    {
      exchanges: [{ ...exchange, name: "h", type: "headers", durable: true }],
      queue: { ...queue, name: "q", durable: true },
      bindings: [
        { exchange: "h", queue: "", key: "d", arguments: { "x-match": "all" } },
        binding("e", "", "other"),
      ],
    },
  ],
  // Exchanges.
  [
    'news/sports; {"node": {"x-declare": {"exchange": "news", "exchange-type": "topic", "auto-delete": true}}}',
    {
      exchanges: [{ ...exchange, name: "news", type: "topic", autoDelete: true }],
      queue: subscription,
      bindings: [binding("news", "sports")],
    },
  ],
  [
    'news/sports; {"node": {"type": "topic"}, "link": {"x-declare": {"queue": "nq", "exclusive": false}}}',
    {
      exchanges: [{ ...exchange, name: "news" }],
      queue: { ...queue, name: "nq", autoDelete: true },
      bindings: [binding("news", "sports")],
    },
  ],
  [
    '{"node": {"x-declare": {"exchange": "news", "exchange-type": "fanout"}, "x-bindings": [{"exchange": "news"}]}}',
    {
      exchanges: [{ ...exchange, name: "news", type: "fanout" }],
      queue: subscription,
      bindings: [binding("news", "")],
    },
  ],
  [
    '/sports; {"node": {"x-declare": {"exchange": "news", "queue": "nq", "durable": true}}}',
    {
      exchanges: [{ ...exchange, name: "news", durable: true }],
      queue: { ...queue, name: "nq", durable: true },
      bindings: [binding("news", "sports")],
    },
  ],
  [
    "news/sports",
    {
      exchanges: [{ ...exchange, name: "news", passive: true }],
      queue: subscription,
      bindings: [binding("news", "sports")],
    },
  ],
  [
    'amq.topic/a.*; {"node": {"type": "topic"}}',
    {
      exchanges: [{ ...exchange, name: "amq.topic", passive: true }],
      queue: subscription,
      bindings: [binding("amq.topic", "a.*")],
    },
  ],
  [
    'news/x; {"node": {"x-declare": {"exchange": "other", "exchange-type": "fanout"}}}',
    {
      exchanges: [
        { ...exchange, name: "other", type: "fanout" },
        { ...exchange, name: "news", type: "fanout", passive: true },
      ],
      queue: subscription,
      bindings: [binding("news", "x")],
    },
  ],
  // The name of an exchange that the broker has, without a subject: a queue all the same.
  ["news", { queue: { ...queue, name: "news" } }],
];

const mistakes: readonly (readonly [text: string, message: RegExp])[] = [
  ["/sports", /names no exchange/],
  ['{"node": {"type": "topic"}}', /names no exchange/],
  ['q/s; {"node": {"type": "queue"}}', /the queue 'q' has no subjects/],
  ["amq.topic", /'amq\.topic' as a queue name/],
  ["q".repeat(256), /256 bytes/],
  [`q/${"s".repeat(256)}`, /as a subject/],
  [`${"e".repeat(256)}/s`, /as a exchange name|as an exchange name/],
  ['e/s; {"link": {"x-declare": {"queue": "amq.x"}}}', /'amq\.x' as a queue name/],
];

describe("topologyOf()", () => {
  for (const [text, expected] of cases) {
    test(`resolves ${text === "" ? "an empty address" : text}`, () => {
      const defaults = { exchanges: [], queue, bindings: [], consume };
      assert.deepEqual(topologyOf(parseAddress(text)), { ...defaults, ...expected });
    });
  }

  for (const [text, message] of mistakes) {
    test(`refuses ${text.slice(0, 60)}`, () => {
      assert.throws(
        () => topologyOf(parseAddress(text)),
        (error: unknown) => error instanceof AddressError && message.test(error.message),
      );
    });
  }

  test("keeps the name and throws nothing but AddressError", () => {
    const name = fc.string({ unit: fc.constantFrom(...Array.from("ab.éamq-_")) });
    const type = fc.constantFrom('"queue"', '"topic"', "null");
    fc.assert(
      fc.property(name, name, type, name, name, (own, subject, kind, exchangeName, queueName) => {
        const declare = JSON.stringify({ exchange: exchangeName, queue: queueName });
        const text = `${own}/${subject}; {"node": {"type": ${kind}, "x-declare": ${declare}}}`;
        try {
          const topology = topologyOf(parseAddress(text));
          const names = new Set([
            topology.queue.name,
            ...topology.exchanges.map((each) => each.name),
          ]);
          assert.ok(own === "" || names.has(own), text);
          for (const each of topology.bindings) assert.ok(names.has(each.exchange), text);
        } catch (error) {
          assert.ok(error instanceof AddressError, String(error));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
