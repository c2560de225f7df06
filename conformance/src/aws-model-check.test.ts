import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, test } from "node:test";
import { compareModels, type Comparison } from "./aws-model/compare-models.ts";
import { explained } from "./aws-model/explained.ts";
import { ourModel } from "./aws-model/our-model.ts";
import { nodeSdk } from "./install/parts.ts";
import { prepare } from "./prepare.ts";

/** Our services and the official SDK's packages: one of each protocol at least. */
const services: Readonly<Record<string, string>> = {
  s3: "client-s3",
  dynamodb: "client-dynamodb",
  organizations: "client-organizations",
  lambda: "client-lambda",
  sqs: "client-sqs",
  sts: "client-sts",
  ec2: "client-ec2",
  cloudwatch: "client-cloudwatch",
  stepfunctions: "client-sfn",
  ssm: "client-ssm",
};

/** Operations and members that only one release has: more than these, and something else is wrong. */
const newerMax = 250;

const folder = await prepare(nodeSdk);

if (folder !== undefined) {
  const load = createRequire(join(folder, "index.js"));
  const found = new Map<string, Comparison>();
  for (const [service, name] of Object.entries(services)) {
    const exported = load(`@aws-sdk/${name}`) as Record<string, unknown>;
    found.set(service, compareModels(await ourModel(service), exported));
  }

  describe("our models against the official SDK's schemas", () => {
    for (const [service, { differences, newer }] of found) {
      test(`${service} has no difference that is not explained`, () => {
        const own = explained.filter((each) => each.service === service);
        const others = differences.filter(
          (line) => !own.some((each) => each.difference.test(line)),
        );
        assert.deepEqual(others, []);
        assert.ok(newer.length <= newerMax, newer.join(", "));
      });
    }

    for (const { service, difference, why } of explained) {
      test(`${service}: ${why}`, () => {
        const lines = found.get(service)?.differences ?? [];
        assert.ok(
          lines.some((line) => difference.test(line)),
          `${String(difference)} is gone: take it out of the table`,
        );
      });
    }

    test("compares what there is", () => {
      const all = [...found.values()];
      const members = all.reduce((sum, each) => sum + each.members, 0);
      const operations = all.reduce((sum, each) => sum + each.operations, 0);
      assert.ok(members > 12_000 && operations > 1300, `${members}, ${operations}`);
    });
  });
}
