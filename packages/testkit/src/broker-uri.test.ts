import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brokerAnswers } from "./broker-probe.ts";
import { brokerUri, findBroker } from "./broker-uri.ts";
import { unusedPort } from "./telemetry-sink.ts";

const program = join(dirname(fileURLToPath(import.meta.url)), "testdata", "broker-user.ts");

describe("brokerUri()", () => {
  test("is the same for the whole process, and answers", async () => {
    const uri = await brokerUri();
    assert.equal(await brokerUri(), uri);
    assert.equal(await brokerAnswers(uri, { timeoutMs: 10_000 }), true);
  });
});

describe("findBroker()", () => {
  test("takes the one that is given, and asks nobody", async () => {
    assert.equal(await findBroker("amqp://elsewhere:1", await brokerUri()), "amqp://elsewhere:1");
  });

  for (const given of [undefined, ""]) {
    test(`takes the local one when it answers, given '${given}'`, async () => {
      assert.equal(await findBroker(given, await brokerUri()), await brokerUri());
    });
  }

  test("else starts one, which does not keep its process alive and ends with it", async () => {
    const local = `amqp://127.0.0.1:${await unusedPort()}`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@lambdad/source", program, local],
      { env: { PATH: process.env["PATH"] ?? "" } },
    );
    assert.match(stdout, /^amqp:\/\/guest:guest@127\.0\.0\.1:\d+\n$/);
    assert.equal(await brokerAnswers(stdout.trim()), false);
  });
});
