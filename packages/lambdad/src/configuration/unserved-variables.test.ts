import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { daemonGroups } from "./build-configuration.ts";
import { unservedVariables } from "./unserved-variables.ts";

describe("unservedVariables()", () => {
  test("names what needs a broker when there is none, and none of the values (INV-10)", () => {
    const variables = { AMQP_PASSWORD: "secret", LAMBDAD_QUEUE: "q" };
    const warnings = unservedVariables(variables, daemonGroups, false);
    assert.deepEqual(warnings, ["AMQP_PASSWORD, LAMBDAD_QUEUE have no effect without AMQP_URI"]);
  });

  test("says nothing of AMQP when there is a broker", () => {
    const variables = { AMQP_URI: "amqp://h", AMQP_PASSWORD: "secret", LAMBDAD_QUEUE: "q" };
    assert.deepEqual(unservedVariables(variables, daemonGroups, true), []);
  });

  test("names a variable of ours that does not exist", () => {
    const variables = { LAMBDAD_EVENT: "memory", LAMBDAD_EVENTS: "memory", LAMBDAD_X: "" };
    assert.deepEqual(unservedVariables(variables, daemonGroups, false), [
      "LAMBDAD_EVENT has no effect: this command has no variable of that name",
    ]);
  });

  test("names the init container of the peer", () => {
    const [warning] = unservedVariables({ KUBERNETES_INIT_CONTAINER: "1" }, [], false);
    assert.match(warning ?? "", /KUBERNETES_INIT_CONTAINER has no effect: .*deploy\/kubernetes/);
  });

  test("says nothing of what is empty, foreign or our own to set", () => {
    const variables = { AMQP_URI: "", HOME: "/", LAMBDAD_CONTAINER: "1" };
    assert.deepEqual(unservedVariables(variables, daemonGroups, false), []);
  });
});
