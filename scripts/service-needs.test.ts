import assert from "node:assert/strict";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { root } from "./repository.ts";
import { serviceNeeds } from "./service-needs.ts";

const none = { broker: false, brokerServer: false };

/** Writes the files into a folder of its own; gives the path of the first. */
function filesWith(t: TestContext, texts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-needs-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  return join(folder, Object.keys(texts)[0] ?? "");
}

describe("serviceNeeds()", () => {
  const cases = [
    ["const uri = await brokerUri();", { broker: true, brokerServer: false }],
    ["const broker = await startBroker({});", { broker: false, brokerServer: true }],
    ["parseBrokerUri(text); startBrokers(); const brokerUri = 1;", none],
    ['import "./missing.ts";', none],
  ] as const;
  for (const [text, needs] of cases) {
    test(`of '${text}' are ${JSON.stringify(needs)}`, (t) => {
      assert.deepEqual(serviceNeeds([filesWith(t, { "a.test.ts": text })]), needs);
    });
  }

  test("are found in what a test imports, also in a circle", (t) => {
    const file = filesWith(t, {
      "a.test.ts": 'import { b } from "./b.ts";',
      "b.ts": 'import "./a.test.ts";\nexport { c } from "./c.ts";',
      "c.ts": "export const c = (): Promise<string> => brokerUri();",
    });
    assert.deepEqual(serviceNeeds([file]), { broker: true, brokerServer: false });
  });

  test("of packages that do not speak AMQP are none", () => {
    for (const name of ["core", "http1", "invoke-http", "events"]) {
      const files = globSync(join(root, "packages", name, "src/**/*.test.ts"));
      assert.notEqual(files.length, 0);
      assert.deepEqual(serviceNeeds(files), none, name);
    }
  });
});
