import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Address, AddressDeclare } from "./address.ts";
import { AddressError } from "./address-error.ts";
import { parseAddress } from "./parse-address.ts";

const declare: AddressDeclare = {
  queue: "",
  exchange: "",
  exchangeType: "direct",
  passive: false,
  internal: false,
  durable: false,
  exclusive: false,
  autoDelete: false,
  arguments: {},
};
const node: Address["node"] = { type: undefined, declare, bindings: [] };
const link: Address["link"] = {
  declare: { ...declare, exclusive: true, autoDelete: true },
  subscribe: { exclusive: false, arguments: {} },
};
const empty: Address = { name: "", subject: "", node, link, warnings: [] };

const forms: readonly (readonly [text: string, Partial<Address>])[] = [
  ["", {}],
  ["{}", {}],
  ["; {}", {}],
  ["echo", { name: "echo" }],
  ["  echo  ", { name: "echo" }],
  ["echo; {}", { name: "echo" }],
  ["news/sports", { name: "news", subject: "sports" }],
  [" news / sports ; {}", { name: "news", subject: "sports" }],
  ["news/", { name: "news" }],
  ["/sports", { subject: "sports" }],
  ['echo; {"node": null, "link": {"x-subscribe": null}}', { name: "echo" }],
  [
    'echo; {"node": {"auto-delete": true}}',
    { name: "echo", node: { ...node, declare: { ...declare, autoDelete: true } } },
  ],
  [
    'echo; {"node": {"durable": false, "x-declare": {"durable": true}}}',
    { name: "echo", node: { ...node, declare: { ...declare, durable: true } } },
  ],
  [
    '; {"link": {"x-subscribe": {"exclusive": true, "arguments": {"x-priority": 10}}}}',
    { link: { ...link, subscribe: { exclusive: true, arguments: { "x-priority": 10 } } } },
  ],
  [
    '{"node": {"type": "topic", "x-declare": {"exchange": "a/b;c", "exchange-type": "topic"}}}',
    {
      node: {
        ...node,
        type: "topic",
        declare: { ...declare, exchange: "a/b;c", exchangeType: "topic" },
      },
    },
  ],
  [
    'q; {"node": {"x-declare": {"arguments": {"a": "x;y/z", "b": 1.5, "c": [1, {"d": null}]}}}}',
    {
      name: "q",
      node: {
        ...node,
        declare: { ...declare, arguments: { a: "x;y/z", b: 1.5, c: [1, { d: null }] } },
      },
    },
  ],
  [
    'q; {"node": {"x-bindings": [{"exchange": "e", "key": "k;l"}, {"queue": "r"}]}}',
    {
      name: "q",
      node: {
        ...node,
        bindings: [
          { exchange: "e", queue: "", key: "k;l", arguments: {} },
          { exchange: "", queue: "r", key: "", arguments: {} },
        ],
      },
    },
  ],
  [
    'q; {"link": {"name": 1, "durable": 2, "reliability": 3, "x-bindings": 4, "x-declare": {"exclusive": false}}}',
    { name: "q", link: { ...link, declare: { ...link.declare, exclusive: false } } },
  ],
];

const mistakes: readonly (readonly [text: string, message: RegExp])[] = [
  ["echo;", /Cannot read the options of the address: /],
  ["echo; {node: 1}", /Cannot read the options of the address: /],
  ["echo; {'node': {}}", /Cannot read the options/],
  ["echo; {} {}", /Cannot read the options/],
  ["{", /Cannot read the options/],
  ["a/b/c", /'a\/b\/c': it has more than one '\/'/],
  ["echo; []", /the text after ';' must be a JSON object: current value is a list/],
  ["echo; 1", /the text after ';' must be a JSON object: current value is 1/],
  ['echo; {"node": 1}', /node must be a JSON object: current value is 1/],
  [
    'echo; {"node": {"type": "exchange"}}',
    /node\.type must be queue or topic: current value is 'exchange'/,
  ],
  ['echo; {"node": {"type": 7}}', /node\.type must be text: current value is 7/],
  [
    'echo; {"node": {"durable": "yes"}}',
    /node\.durable must be true or false: current value is "yes"/,
  ],
  ['echo; {"node": {"x-bindings": {}}}', /node\.x-bindings must be a list.*an object/],
  ['echo; {"node": {"x-bindings": [{}, 2]}}', /node\.x-bindings\[1\] must be a JSON object/],
  ['echo; {"node": {"x-bindings": [{"key": 1}]}}', /node\.x-bindings\[0\]\.key must be text/],
  ['echo; {"node": {"x-declare": {"arguments": []}}}', /node\.x-declare\.arguments must be/],
  ['echo; {"link": {"x-subscribe": {"exclusive": 1}}}', /link\.x-subscribe\.exclusive must be/],
  [`e; {"node": {"x-declare": {"queue": "${"q".repeat(256)}"}}}`, /256 bytes, the limit is 255/],
  [
    `e; {"link": {"x-subscribe": {"arguments": {"${"k".repeat(256)}": 1}}}}`,
    /key of link\.x-subscribe\.arguments/,
  ],
];

describe("parseAddress()", () => {
  for (const [text, expected] of forms) {
    test(`reads ${text}`, () => {
      assert.deepEqual(parseAddress(text), { ...empty, ...expected });
    });
  }

  for (const [text, message] of mistakes) {
    test(`refuses ${text.slice(0, 70)}`, () => {
      assert.throws(
        () => parseAddress(text),
        (error: unknown) => {
          assert.ok(error instanceof AddressError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  test("warns once of each option that is not known", () => {
    const text =
      'q; {"create": "always", "node": {"auto_delete": true, "x-declare": {"Durable": 1}}, "link": {"x-subscribe": {"no-ack": true}}}';
    const paths = [
      "node.x-declare.Durable",
      "node.auto_delete",
      "link.x-subscribe.no-ack",
      "create",
    ];
    const { warnings } = parseAddress(text);
    assert.deepEqual(
      warnings,
      paths.map((path) => `Option '${path}' of the address is not known`),
    );
  });

  const name = fc.string({ unit: "grapheme", maxLength: 30 });
  const args = fc.dictionary(fc.string({ maxLength: 20 }), fc.jsonValue({ maxDepth: 2 }));
  const flags = fc.record({
    queue: name,
    exchange: name,
    exchangeType: name,
    passive: fc.boolean(),
    internal: fc.boolean(),
    durable: fc.boolean(),
    exclusive: fc.boolean(),
    autoDelete: fc.boolean(),
    arguments: args,
  });
  const plainName = fc
    .stringMatching(/^(?:[a-zA-Z0-9._ -]{0,20}[a-zA-Z0-9])?$/)
    .map((text) => text.trim());
  const facts = fc.record({
    name: plainName,
    subject: plainName,
    node: fc.record({
      type: fc.constantFrom("queue" as const, "topic" as const, undefined),
      declare: flags,
      bindings: fc.array(fc.record({ exchange: name, queue: name, key: name, arguments: args }), {
        maxLength: 3,
      }),
    }),
    link: fc.record({
      declare: flags,
      subscribe: fc.record({ exclusive: fc.boolean(), arguments: args }),
    }),
  });

  test("reads what was put into an address", () => {
    fc.assert(
      fc.property(facts, (address) => {
        // JSON knows no -0, and argument tables go through it here.
        const expected: unknown = JSON.parse(JSON.stringify({ ...address, warnings: [] }));
        assert.deepEqual(JSON.parse(JSON.stringify(parseAddress(render(address)))), expected);
      }),
    );
  });

  test("throws nothing but AddressError", () => {
    const noise = fc.string({
      unit: fc.constantFrom(...Array.from('{}[]":,;/a1 \\\uD800'), "node", "null"),
    });
    const value = fc.jsonValue();
    const json = fc
      .record({
        node: value,
        link: fc.record({ "x-subscribe": value, "x-declare": value }, { requiredKeys: [] }),
      })
      .map((options) => `q; ${JSON.stringify(options)}`);
    fc.assert(
      fc.property(fc.oneof(noise, json), (text) => {
        try {
          parseAddress(text);
        } catch (error) {
          assert.ok(error instanceof AddressError, String(error));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function render({
  name,
  subject,
  node: itsNode,
  link: itsLink,
}: Omit<Address, "warnings">): string {
  const options = {
    node: {
      ...(itsNode.type === undefined ? {} : { type: itsNode.type }),
      "x-declare": renderDeclare(itsNode.declare),
      "x-bindings": itsNode.bindings,
    },
    link: { "x-declare": renderDeclare(itsLink.declare), "x-subscribe": itsLink.subscribe },
  };
  return `${name}/${subject}; ${JSON.stringify(options)}`;
}

function renderDeclare({ exchangeType, autoDelete, ...rest }: AddressDeclare): object {
  return { ...rest, "exchange-type": exchangeType, "auto-delete": autoDelete };
}
