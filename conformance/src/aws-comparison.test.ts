import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { compareService, type Problem } from "./aws-comparison/compare-service.ts";
import { knownDifferences } from "./aws-comparison/differences.ts";
import { RecordingServer } from "./aws-comparison/recording-server.ts";
import { comparedName, comparedServices } from "./aws-comparison/services.ts";
import { nodeSdk } from "./install/parts.ts";
import { resolveLocalNames } from "./local-names.ts";
import { prepare } from "./prepare.ts";

/** Of the contract: ten services, and operations in all. */
const operationsMin = 200;
const problemsShown = 5;

const sdk = await prepare(nodeSdk);

describe("the official SDK and @lambdad/aws", { skip: sdk === undefined }, () => {
  let server: RecordingServer;
  const compared = new Set<string>();

  let restoreNames: (() => void) | undefined;

  before(async () => {
    restoreNames = resolveLocalNames();
    server = await RecordingServer.start();
  });
  after(async () => {
    restoreNames?.();
    await server.stop();
  });

  for (const generateCode of [true, false]) {
    const backEnd = generateCode ? "generated code" : "closures";
    for (const service of comparedServices) {
      // Closures of the same protocol are those of the other services.
      if (!generateCode && service.name === "ec2") continue;
      const name = comparedName(service);
      test(`send the same and read the same: ${name}, ${backEnd}`, async () => {
        const options = { server, generateCode };
        const { operations, calls, problems } = await compareService(sdk ?? "", service, options);
        for (const operation of operations) compared.add(`${service.name} ${operation}`);
        const known = Object.keys(knownDifferences[name] ?? {});
        const names = problems.map(({ operation, what }) => `${operation} ${what}`);
        const unknown = problems.filter((_, index) => !known.includes(names[index] ?? ""));
        assert.equal(unknown.length, 0, problemText(unknown));
        const gone = known.filter((key) => !names.includes(key));
        assert.deepEqual(gone, [], "known differences that are none any more");
        assert.ok(calls >= operations.size, `${calls} calls of ${operations.size} operations`);
      });
    }
  }

  test(`at least ${operationsMin} operations of ten services are compared`, () => {
    const services = new Set([...compared].map((name) => name.split(" ")[0]));
    assert.ok(services.size >= 10, `${services.size} services`);
    assert.ok(compared.size >= operationsMin, `${compared.size} operations`);
  });
});

function problemText(problems: readonly Problem[]): string {
  const shown = problems.slice(0, problemsShown).map(({ operation, what, ours, theirs }) => {
    const [our, their] = [ours, theirs].map((value) => JSON.stringify(value) ?? "undefined");
    return `${operation}, ${what}:\n  ours   ${our}\n  theirs ${their}`;
  });
  return `${problems.length} differences\n${shown.join("\n")}`;
}
