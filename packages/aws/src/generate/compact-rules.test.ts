import assert from "node:assert/strict";
import { test } from "node:test";
import { readRules } from "../model/read-rules.ts";
import { compactRules } from "./compact-rules.ts";

const isSet = { fn: "isSet", argv: [{ ref: "Endpoint" }] };
const isFips = { fn: "booleanEquals", argv: [{ ref: "UseFIPS" }, true] };

const rules = {
  version: "1.0",
  parameters: { UseFIPS: { type: "Boolean", default: false } },
  rules: [
    {
      conditions: [isSet],
      type: "tree",
      rules: [
        { conditions: [isFips, isSet], error: "No", type: "error" },
        { conditions: [], endpoint: { url: "u", properties: {}, headers: {} }, type: "endpoint" },
      ],
    },
    { conditions: [isFips], error: "No", type: "error" },
  ],
};

test("compactRules() has each condition once, and readRules() gives the same rules", () => {
  const compact = compactRules(rules);
  assert.deepEqual(compact?.conditions, [isSet, isFips]);
  assert.deepEqual(compact.rules[0]?.rules?.[0]?.conditions, [1, 0]);
  const read = readRules(JSON.parse(JSON.stringify(compact)) as typeof compact);
  assert.deepEqual(read, rules);
});

test("readRules() gives equal conditions as one object", () => {
  const { rules: tree } = readRules(compactRules(rules)) as typeof rules;
  assert.equal(tree[0]?.rules?.[0]?.conditions[0], tree[1]?.conditions[0]);
});

test("compactRules() leaves the documentation out, but no parameter of that name", () => {
  const documented = {
    parameters: { documentation: { type: "String", documentation: "No" } },
    rules: [{ conditions: [], documentation: "No", type: "error", error: "{documentation}" }],
  };
  assert.deepEqual(readRules(compactRules(documented)), {
    parameters: { documentation: { type: "String" } },
    rules: [{ conditions: [], type: "error", error: "{documentation}" }],
  });
});

test("compactRules() leaves out the parameters that no rule reads", () => {
  const parameters = { Ref: {}, Template: {}, Attribute: {}, Unread: {} };
  const compact = compactRules({
    parameters,
    rules: [
      { conditions: [{ fn: "isSet", argv: [{ ref: "Ref" }] }], type: "error", error: "Unread" },
      { conditions: [], type: "error", error: "{Template} {Attribute#name}" },
    ],
  });
  assert.deepEqual(Object.keys(compact?.parameters ?? {}), ["Ref", "Template", "Attribute"]);
});

test("compactRules() takes a service without rules", () => {
  assert.equal(compactRules(undefined), null);
  assert.equal(readRules(null), null);
});
