// npm test [-- PATH… --OPTION…]
//
// Runs the tests of the packages, of the scripts, of conformance/ and of the README in one run of
// Node's test runner, whose summary ends the output. A PATH is a folder or a test file; an OPTION goes
// to the runner, e.g. --test-name-pattern=transition. Tests that need a broker get one: `services.ts`.
import { globSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { root } from "./repository.ts";
import { runCommand } from "./run-command.ts";
import { startServices } from "./services.ts";

/** One test; a test that needs more says so itself. A whole file: see `test-file-limit.ts`. */
const testTimeoutMs = 120_000;

/** In this order: what is quick and basic first, the README last, when the rest is known to work. */
const patterns = [
  "packages/*/src/**/*.test.ts",
  "scripts/**/!(readme).test.ts",
  "benchmarks/src/**/*.test.ts",
  "examples/**/*.test.ts",
  "conformance/src/**/*.test.ts",
  "scripts/readme.test.ts",
];

function findTests(paths: readonly string[]): string[] {
  const all = patterns.flatMap((pattern) =>
    globSync(pattern, { cwd: root, exclude: (name) => name.endsWith("node_modules") }).sort(),
  );
  if (paths.length === 0) return all;
  const chosen = paths.map((path) => {
    const below = relative(root, resolve(path)).replaceAll("\\", "/");
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const files = all.filter((file) => (isFolder ? file.startsWith(`${below}/`) : file === below));
    if (files.length === 0) throw new Error(`Cannot find tests in '${path}'`);
    return files;
  });
  return [...new Set(chosen.flat())];
}

/** The tests must not depend on what the caller's shell has set for a daemon or for AWS. */
function testEnvironment(): NodeJS.ProcessEnv {
  const foreign =
    /^(?:AWS_|AMQP_|LAMBDAD_|RUNTIME_API_|INVOKE_API_|NODE_OPTIONS$|NODE_TEST_CONTEXT$|PORT$|LOG_LEVEL$|MAX_CONCURRENCY$|PRINT_REPORTS$|USE_STRUCTURED_LOGGING$|ENABLE_OPENFAAS$|_HANDLER$)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return Object.fromEntries(kept);
}

const args = process.argv.slice(2);
try {
  const files = findTests(args.filter((argument) => !argument.startsWith("-")));
  // A signal here ends this process, and with it the services.
  const services = await startServices(files, process.env);
  const { status } = await runCommand(
    [
      process.execPath,
      "--conditions=@lambdad/source",
      "--disable-warning=ExperimentalWarning",
      `--import=${join(root, "scripts", "test-file-limit.ts")}`,
      "--test",
      `--test-timeout=${testTimeoutMs}`,
      `--test-concurrency=${Math.min(8, Math.max(2, availableParallelism()))}`,
      "--test-reporter=spec",
      ...args.filter((argument) => argument.startsWith("-")),
      ...files,
    ],
    { env: { ...testEnvironment(), ...services.env } },
  );
  await services.stop();
  process.exitCode = status;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
