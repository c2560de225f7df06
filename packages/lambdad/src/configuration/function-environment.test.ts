import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { functionEnvironment } from "./function-environment.ts";

const variables = {
  AMQP_URI: "amqp://u:p@h",
  AMQP_PASSWORD: "p",
  LAMBDAD_EVENTS: "memory",
  PATH: "/bin",
  HOME: "/h",
  AWS_ACCESS_KEY_ID: "AK",
  TABLE: "t",
  UNSET: undefined,
};

describe("functionEnvironment()", () => {
  test("passes on everything but the host's own, as the emulator does", () => {
    assert.deepEqual(functionEnvironment(variables), {
      PATH: "/bin",
      HOME: "/h",
      AWS_ACCESS_KEY_ID: "AK",
      TABLE: "t",
    });
  });

  test("passes on what AWS promises, and what is named, when it is clean", () => {
    assert.deepEqual(functionEnvironment(variables, { clean: true, passNames: ["TABLE"] }), {
      PATH: "/bin",
      AWS_ACCESS_KEY_ID: "AK",
      TABLE: "t",
    });
  });

  test("never passes on the host's own, also when it is named", () => {
    const passed = functionEnvironment(variables, { clean: true, passNames: ["AMQP_URI"] });
    assert.equal("AMQP_URI" in passed, false);
  });

  test("lets the function's own variables win", () => {
    const { PATH, TABLE } = functionEnvironment(variables, { own: { TABLE: "mine" } });
    assert.deepEqual([PATH, TABLE], ["/bin", "mine"]);
  });
});
