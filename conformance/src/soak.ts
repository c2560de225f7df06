import { amqpSoak } from "./soak-amqp.ts";
import { awsSoak } from "./soak-aws.ts";
import { extensionsSoak } from "./soak-extensions.ts";
import { killSoak } from "./soak-kill.ts";
import { parseSoakOptions, type Soak } from "./soak-options.ts";

const soaks: ReadonlyMap<string, Soak> = new Map([
  ["kill", killSoak],
  ["extensions", extensionsSoak],
  ["amqp", amqpSoak],
  ["aws", awsSoak],
]);

const usage = `Usage: npm run soak -- NAME [options]

${[...soaks.values()].map((soak) => soak.usage).join("\n")}
Ends with status 1 when something happened that must never happen.`;

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || args.includes("--help")) {
    console.log(usage);
    return 0;
  }
  const soak = soaks.get(name);
  if (soak === undefined) throw new TypeError(`Unknown soak '${name}'`);
  const violations = await soak.run(parseSoakOptions(soak, rest));
  for (const violation of violations) console.error(`Violation: ${violation}`);
  return violations.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const known = error instanceof RangeError || error instanceof TypeError;
  console.error(known ? `${error.message}\n\n${usage}` : error);
  process.exitCode = 2;
}
