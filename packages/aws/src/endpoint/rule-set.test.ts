import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EndpointError } from "../client/errors.ts";
import { loadModel, readModelFile } from "../model/load-model.ts";
import { Partitions, type PartitionsData } from "./partitions.ts";
import {
  type EndpointParameters,
  type EndpointRule,
  type EndpointRuleSet,
  type RuleEndpoint,
  compileRuleSet,
} from "./rule-set.ts";
import { toEndpoint } from "./to-endpoint.ts";

const partitions = new Partitions(JSON.parse(readModelFile("partitions.json")) as PartitionsData);

const parameters = {
  A: { type: "string" },
  B: { type: "Boolean", required: true, default: false },
  List: { type: "stringArray" },
};

const ref = (name: string): unknown => ({ ref: name });
const set = (name: string): { fn: string; argv: unknown[] } => ({ fn: "isSet", argv: [ref(name)] });
const answer = (url: unknown, more: object = {}): EndpointRule => ({
  type: "endpoint",
  conditions: [],
  endpoint: { url, ...more },
});

function evaluate(rules: readonly EndpointRule[], values: EndpointParameters = {}): RuleEndpoint {
  const ruleSet: EndpointRuleSet = { version: "1.0", parameters, rules };
  return compileRuleSet(ruleSet, partitions).evaluate(values);
}

describe("compileRuleSet", () => {
  it("takes the first rule whose conditions hold, in trees too", () => {
    const rules: EndpointRule[] = [
      {
        type: "tree",
        conditions: [set("A")],
        rules: [
          {
            ...answer("https://both"),
            conditions: [{ fn: "booleanEquals", argv: [ref("B"), true] }],
          },
        ],
      },
      { ...answer("https://a"), conditions: [set("A")] },
      answer("https://neither"),
    ];
    assert.equal(evaluate(rules, { A: "x", B: true }).url, "https://both");
    assert.equal(evaluate(rules, { A: "x" }).url, "https://a");
    assert.equal(evaluate(rules).url, "https://neither");
    assert.equal(evaluate(rules, { A: null }).url, "https://neither");
  });

  it("fills templates in the URL, properties and headers", () => {
    const rule: EndpointRule = {
      type: "endpoint",
      conditions: [{ fn: "aws.parseArn", argv: [ref("A")], assign: "arn" }],
      endpoint: {
        url: "https://{arn#service}.{arn#resourceId[1]}.example/{{x}}",
        properties: {
          authSchemes: [{ name: "sigv4", signingRegion: "{arn#region}", n: 1, t: true }],
        },
        headers: { "X-Id": ["{arn#accountId}", { ref: "A" }] },
      },
    };
    const name = "arn:aws:s3:eu-west-1:42:kind/thing";
    assert.deepEqual(evaluate([rule], { A: name }), {
      url: "https://s3.thing.example/{x}",
      properties: { authSchemes: [{ name: "sigv4", signingRegion: "eu-west-1", n: 1, t: true }] },
      headers: { "X-Id": ["42", name] },
    });
  });

  it("takes references and calls as URL", () => {
    assert.equal(evaluate([answer(ref("A"))], { A: "https://x" }).url, "https://x");
    const call = { fn: "coalesce", argv: [ref("A"), "https://default"] };
    assert.equal(evaluate([answer(call)]).url, "https://default");
    const item = { fn: "getAttr", argv: [ref("List"), "[0]"] };
    assert.equal(evaluate([answer(item)], { List: ["https://first"] }).url, "https://first");
    const last = { fn: "getAttr", argv: [ref("List"), "[-1]"] };
    assert.equal(evaluate([answer(last)], { List: ["1", "https://last"] }).url, "https://last");
  });

  it("hides what a rule assigned from the rules after it, and shows it to those in it", () => {
    const assign = { fn: "uriEncode", argv: ["x"], assign: "v" };
    const never = { fn: "booleanEquals", argv: [ref("B"), true] };
    const inner: EndpointRule = {
      type: "tree",
      conditions: [assign],
      rules: [answer("https://{v}")],
    };
    assert.equal(evaluate([inner]).url, "https://x");
    const failed = { ...answer("https://no"), conditions: [assign, never] };
    assert.throws(() => evaluate([failed, answer("https://{v}")]), /unknown name "v"/);
  });

  it("throws the message of an error rule", () => {
    const rule: EndpointRule = { type: "error", conditions: [], error: "No {A}: `{{`" };
    assert.throws(() => evaluate([rule], { A: "way" }), new EndpointError("No way: `{`"));
  });

  it("throws when no rule holds, a value is missing, or a name is unknown", () => {
    assert.throws(() => evaluate([]), /no rule fits the configuration$/);
    assert.throws(() => evaluate([answer("https://{A}")]), /"A" has no value$/);
    assert.throws(() => evaluate([answer("https://{Q}")]), /unknown name "Q"$/);
    const call = { fn: "explode", argv: [] };
    assert.throws(() => evaluate([{ ...answer("x"), conditions: [call] }]), /"explode"$/);
    assert.throws(() => evaluate([{ type: "song", conditions: [] }]), /unknown rule "song"$/);
  });

  for (const [name, values] of [
    ["text", { A: 1 }],
    ["a boolean", { B: "true" }],
    ["a list", { List: "x" }],
    ["a list of text", { List: [1] }],
  ] as const) {
    it(`refuses a parameter that is not ${name}`, () => {
      assert.throws(() => evaluate([answer("https://x")], values), EndpointError);
    });
  }

  it("says of a required parameter that it has no value", () => {
    const ruleSet: EndpointRuleSet = {
      version: "1.0",
      parameters: { A: { type: "string", required: true } },
      rules: [answer("https://x")],
    };
    const compiled = compileRuleSet(ruleSet, partitions);
    assert.throws(() => compiled.evaluate({}), /parameter "A" has no value$/);
  });
});

describe("compileRuleSet, of services", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.constantFrom(
      "us-east-1",
      "aws-global",
      "my-bucket",
      "my.bucket",
      "b--use1-az1--x-s3",
      "-x",
      "preferred",
      "arn:aws:s3:us-east-1:123456789012:accesspoint:x",
      "arn:aws:s3::1:accesspoint:m.mrap",
      "arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-1/accesspoint/a",
      "arn:aws:dynamodb:us-east-1:123456789012:table/t",
      "https://example.com",
      "http://127.0.0.1:1/a",
    ),
  );
  const value = fc.oneof(
    { weight: 8, arbitrary: text },
    { weight: 6, arbitrary: fc.boolean() },
    { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.anything() },
  );
  for (const service of ["s3", "s3control", "dynamodb", "kinesis", "events", "sqs"]) {
    const ruleSet = loadModel(service).endpointRules as EndpointRuleSet;
    const rules = compileRuleSet(ruleSet, partitions);
    it(`${service}: any parameters give an endpoint or an EndpointError`, () => {
      const fitting = Object.fromEntries(
        Object.entries(ruleSet.parameters).map(([name, { type }]) => [
          name,
          type.toLowerCase() === "boolean"
            ? fc.boolean()
            : type.toLowerCase() === "string"
              ? text
              : value,
        ]),
      );
      const any = fc.dictionary(fc.constantFrom(...Object.keys(ruleSet.parameters)), value);
      fc.assert(
        fc.property(fc.oneof(fc.record(fitting, { requiredKeys: [] }), any), (values) => {
          try {
            const endpoint = toEndpoint(rules.evaluate(values));
            assert.match(endpoint.host, /^[\w.~:%-]+$/);
            assert.match(endpoint.path, /^(?:\/[\w\-.~!$&'()*+,;=:@%]*)*$/);
          } catch (error) {
            assert.ok(error instanceof EndpointError, String(error));
          }
        }),
        { numRuns: 300 },
      );
    });
  }
});
