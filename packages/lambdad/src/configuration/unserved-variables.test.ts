import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { daemonGroups } from "./build-configuration.ts";
import { unservedVariables } from "./unserved-variables.ts";

describe("unservedVariables()", () => {
  test("names the broker's variables and none of their values (INV-10)", () => {
    const variables = { AMQP_URI: "amqp://user:secret@host", AMQP_PASSWORD: "secret" };
    const warnings = unservedVariables(variables, daemonGroups);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^AMQP_URI, AMQP_PASSWORD have no effect/);
    assert.doesNotMatch(warnings.join(), /secret|user|host\b/);
  });

  test("names a variable of ours that does not exist", () => {
    const variables = { LAMBDAD_EVENT: "memory", LAMBDAD_EVENTS: "memory", LAMBDAD_X: "" };
    assert.deepEqual(unservedVariables(variables, daemonGroups), [
      "LAMBDAD_EVENT has no effect: this version has no variable of that name",
    ]);
  });

  test("names the init container of the peer", () => {
    const [warning] = unservedVariables({ KUBERNETES_INIT_CONTAINER: "1" }, []);
    assert.match(warning ?? "", /KUBERNETES_INIT_CONTAINER has no effect/);
  });

  test("says nothing of what is empty, foreign or our own to set", () => {
    const variables = { AMQP_URI: "", HOME: "/", LAMBDAD_CONTAINER: "1" };
    assert.deepEqual(unservedVariables(variables, daemonGroups), []);
  });
});
