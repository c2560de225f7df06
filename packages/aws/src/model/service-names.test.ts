import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { resolveServiceName, serviceNames } from "./service-names.ts";

describe("resolveServiceName()", () => {
  const names = {
    s3: "s3",
    sfn: "stepfunctions",
    "client-sfn": "stepfunctions",
    "cloudwatch-logs": "logs",
    eventbridge: "events",
    "cognito-identity-provider": "cognito-idp",
    "runtime.sagemaker": "sagemaker-runtime",
    DynamoDB: "dynamodb",
  };
  for (const [name, expected] of Object.entries(names)) {
    test(`"${name}" is ${expected}`, () => assert.equal(resolveServiceName(name), expected));
  }

  const unknown = { lamda: "lambda", dynamo: "dynamodb", "step-functions": "stepfunctions" };
  for (const [name, nearest] of Object.entries(unknown)) {
    test(`refuses "${name}" and offers ${nearest}`, () => {
      assert.throws(() => resolveServiceName(name), {
        name: "TypeError",
        message: new RegExp(`"${name}".*"${nearest}"`),
      });
    });
  }

  for (const name of [undefined, null, 5]) {
    test(`refuses ${String(name)}, which is no text`, () => {
      assert.throws(() => resolveServiceName(name as never), /^TypeError: Cannot find the service/);
    });
  }

  for (const name of ["", "__proto__", "constructor"]) {
    test(`refuses "${name}"`, () => assert.throws(() => resolveServiceName(name), TypeError));
  }
});

describe("serviceNames()", () => {
  test("are sorted, and none is an alias", () => {
    const names = serviceNames();
    assert.deepEqual(names, [...names].sort());
    assert.ok(names.includes("stepfunctions") && !names.includes("sfn"));
  });
});
