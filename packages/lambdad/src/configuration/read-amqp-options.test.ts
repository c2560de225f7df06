import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AmqpConfiguration, QueueSource } from "./amqp-configuration.ts";
import { amqpOptions, brokerOptions } from "./amqp-options.ts";
import { nameOf, type OptionRule } from "./option-rule.ts";
import { readAmqpOptions } from "./read-amqp-options.ts";

type Texts = Readonly<Record<string, string>>;

interface Reading {
  readonly amqp: AmqpConfiguration | undefined;
  readonly problems: readonly string[];
}

function read(flags: Texts, variables: Texts = {}): Reading {
  const problems: string[] = [];
  const given = new Map(Object.entries(flags).map(([flag, text]) => [flag, [text]]));
  const source = { flags: given, variables };
  const amqp = readAmqpOptions(source, { name: "echo", prefetch: 6 }, problems);
  return { amqp, problems };
}

type NamedQueue = Extract<QueueSource, { readonly kind: "name" }>;

function queueOf(amqp: AmqpConfiguration | undefined): NamedQueue {
  assert.equal(amqp?.queue.kind, "name");
  return amqp.queue;
}

/** One good text, where it ends up and as what, one bad text, and what the option needs beside it. */
interface Case {
  readonly text: string;
  readonly pick: (amqp: AmqpConfiguration | undefined) => unknown;
  readonly value: unknown;
  readonly bad?: string;
  readonly beside?: Texts;
}

const broker = { AMQP_URI: "amqp://broker" };
const quorum = { ...broker, LAMBDAD_QUEUE_PROFILE: "quorum" };
const user = { AMQP_USERNAME: "u", AMQP_PASSWORD: "p" };

const cases: Readonly<Record<string, Case>> = {
  "--amqp-uri": {
    text: "amqps://u:p@h:1/v?heartbeat=0",
    pick: (amqp) => amqp?.broker.uri,
    value: "amqps://u:p@h:1/v?heartbeat=0",
    bad: "http://h",
    beside: {},
  },
  AMQP_USERNAME: {
    text: "n",
    pick: (amqp) => amqp?.broker.credentials?.username,
    value: "n",
    beside: { ...broker, ...user },
  },
  AMQP_PASSWORD: {
    text: "w",
    pick: (amqp) => amqp?.broker.credentials?.password,
    value: "w",
    beside: { ...broker, ...user },
  },
  "--queue": { text: "q", pick: (amqp) => queueOf(amqp).name, value: "q", bad: " " },
  "--queue-profile": {
    text: "Durable",
    pick: (amqp) => queueOf(amqp).profile,
    value: "durable",
    bad: "lazy",
  },
  "--prefetch": { text: "9", pick: (amqp) => amqp?.prefetch, value: 9, bad: "0" },
  "--dead-letter-queue": {
    text: "dead",
    pick: (amqp) => queueOf(amqp).deadLetterQueue,
    value: "dead",
    bad: "amq.dead",
    beside: quorum,
  },
  "--delivery-limit": {
    text: "3",
    pick: (amqp) => queueOf(amqp).deliveryLimit,
    value: 3,
    bad: "-1",
    beside: quorum,
  },
  "--message-ttl": {
    text: "1.5",
    pick: (amqp) => queueOf(amqp).messageTtlMs,
    value: 1500,
    bad: "0",
    beside: quorum,
  },
  "--queue-length": {
    text: "10",
    pick: (amqp) => queueOf(amqp).lengthMax,
    value: 10,
    bad: "x",
    beside: quorum,
  },
  "--consumer-priority": {
    text: "-5",
    pick: (amqp) => queueOf(amqp).consumerPriority,
    value: -5,
    bad: "1.5",
  },
  "--confirm-replies": {
    text: "true",
    pick: (amqp) => amqp?.confirmReplies,
    value: true,
    bad: "2",
  },
  "--at-most-once": {
    text: "yes",
    pick: (amqp) => amqp?.redelivered,
    value: "refuse",
    bad: "maybe",
  },
};

const rules: readonly OptionRule[] = [brokerOptions, amqpOptions].flatMap((group) =>
  Object.values(group.options),
);

describe("readAmqpOptions()", () => {
  test("has a case for each option", () => {
    assert.deepEqual(Object.keys(cases).toSorted(), rules.map(nameOf).toSorted());
  });

  for (const rule of rules) {
    const name = nameOf(rule);
    const { text, pick, value, bad, beside = broker } = cases[name] ?? assert.fail(name);
    const { flag, variables, secret } = rule;

    if (flag !== undefined) {
      test(`reads ${name}`, () => {
        const { amqp, problems } = read({ [flag]: text }, beside);
        assert.deepEqual(problems, []);
        assert.deepEqual(pick(amqp), value);
      });
    }

    for (const variable of variables) {
      test(`reads ${variable}`, () => {
        const { amqp, problems } = read({}, { ...beside, [variable]: text });
        assert.deepEqual(problems, []);
        assert.deepEqual(pick(amqp), value);
      });

      if (bad !== undefined) {
        test(`refuses ${variable} '${bad}'${secret ? " without naming it (INV-10)" : ""}`, () => {
          const { problems } = read({}, { ...beside, [variable]: bad });
          const [problem = ""] = problems;
          assert.ok(problem.startsWith(`${variable} must be `), problem);
          assert.equal(problem.includes(`'${bad}'`), secret === undefined);
        });
      }
    }
  }

  test("is off without a broker", () => {
    assert.deepEqual(read({}, { ...user, LAMBDAD_QUEUE: "q" }), { amqp: undefined, problems: [] });
  });

  test("has the documented defaults", () => {
    assert.deepEqual(read({}, broker).amqp, {
      broker: { uri: "amqp://broker", credentials: undefined },
      queue: {
        kind: "name",
        name: "echo",
        profile: "compat",
        deadLetterQueue: undefined,
        deliveryLimit: undefined,
        messageTtlMs: undefined,
        lengthMax: undefined,
        consumerPriority: undefined,
      },
      prefetch: 6,
      redelivered: "run",
      confirmReplies: false,
    });
  });

  for (const text of ['q; {"node": {"auto-delete": true}}', "topic/subject", '{"node": {}}']) {
    test(`takes '${text}' for an address`, () => {
      const { amqp, problems } = read({ queue: text }, broker);
      assert.deepEqual(problems, []);
      assert.deepEqual(amqp?.queue, { kind: "address", text });
    });
  }

  for (const [flags, variables, expected] of [
    [{ queue: "q" }, {}, "--queue needs --amqp-uri or AMQP_URI"],
    [{ "at-most-once": "true" }, {}, "--at-most-once needs --amqp-uri or AMQP_URI"],
    [{}, { ...broker, AMQP_USERNAME: "u" }, /^AMQP_USERNAME and AMQP_PASSWORD must be given/],
    [{ "dead-letter-queue": "d" }, broker, /^--dead-letter-queue needs --queue-profile/],
    [{ "queue-length": "1" }, broker, /^--queue-length needs --queue-profile durable or quorum$/],
    [{ "message-ttl": "1" }, broker, /^--message-ttl needs --queue-profile durable or quorum$/],
    [
      { "delivery-limit": "1", "queue-profile": "durable" },
      broker,
      "--delivery-limit needs --queue-profile quorum",
    ],
    [
      { queue: "q; {}", "consumer-priority": "1" },
      broker,
      "--consumer-priority cannot be given together with an address as --queue",
    ],
    [{ queue: "amq.x" }, broker, /^--queue must be the name of a queue: at most 255 bytes/],
  ] as const) {
    test(`refuses ${JSON.stringify({ ...flags, ...variables })}`, () => {
      const { problems } = read(flags, variables);
      assert.equal(problems.length, 1);
      assert.match(
        problems[0] ?? "",
        expected instanceof RegExp ? expected : new RegExp(`^${expected}$`),
      );
    });
  }
});
