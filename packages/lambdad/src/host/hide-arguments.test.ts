import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { titleWithoutSecrets } from "./hide-arguments.ts";

describe("titleWithoutSecrets()", () => {
  test("hides user and password of a URL, wherever it stands (INV-10)", () => {
    const argv = ["node", "lambdad", "--amqp-uri=amqp://u:secret@h", "run", "app.handler"];
    const title = titleWithoutSecrets(argv) ?? "";
    assert.doesNotMatch(title, /secret|u:/);
    assert.match(title, /^node lambdad --amqp-uri=amqp:\/\/\S+@h run app\.handler$/);
  });

  test("leaves a command line without secrets as it is", () => {
    const argv = ["node", "lambdad", "--amqp-uri", "amqp://h", "run", "app.handler"];
    assert.equal(titleWithoutSecrets(argv), undefined);
  });
});
