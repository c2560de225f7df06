import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { brokerAnswers, brokerUri, unusedPort } from "@lambdad/testkit";
import { startServices } from "./services.ts";

function testFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-services-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "a.test.ts");
  writeFileSync(file, text);
  return file;
}

describe("startServices()", () => {
  test("starts nothing, and says nothing to the tests, when none needs a broker", async (t) => {
    const services = await startServices([testFile(t, "assert.ok(true);")], {});
    assert.deepEqual(services.env, {});
    await services.stop();
  });

  test("gives the tests the user's broker, and does not ask it", async (t) => {
    const file = testFile(t, "await brokerUri();");
    const services = await startServices([file], { AMQP_URI: "amqp://own:1" });
    assert.deepEqual(services.env, { AMQP_URI: "amqp://own:1" });
    await services.stop();
  });

  test("gives the tests the broker of this machine when it answers, and leaves it", async (t) => {
    const local = await brokerUri();
    const services = await startServices([testFile(t, "await brokerUri();")], {}, { local });
    assert.deepEqual(services.env, { AMQP_URI: local });
    await services.stop();
    assert.equal(await brokerAnswers(local), true);
  });

  test("else gives the tests a broker of their own, until stop()", async (t) => {
    const local = `amqp://127.0.0.1:${await unusedPort()}`;
    const services = await startServices([testFile(t, "await brokerUri();")], {}, { local });
    t.after(() => services.stop());
    const { AMQP_URI: uri = "" } = services.env;
    assert.notEqual(uri, local);
    assert.equal(await brokerAnswers(uri), true);
    await services.stop();
    assert.equal(await brokerAnswers(uri), false);
  });
});
