// The files in deploy/ against the schemas of Compose and Kubernetes, and linters. What they say of lambdad
// itself: scripts/deploy/*.test.ts.
import assert from "node:assert/strict";
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { manifestCheckers } from "./install/parts.ts";
import { repositoryRoot } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { runCommand } from "./run-command.ts";

/** The oldest and the newest that the manifests are for. */
const kubernetesVersions = ["1.30", "1.37"];
/** What `kubernetes-validate` says of kinds that are not Kubernetes' own. */
const customKind =
  /Couldn't find schema for kind (ScaledObject|TriggerAuthentication|RabbitmqCluster) /;
const timeoutMs = 60_000;
const kubernetes = join(repositoryRoot, "deploy", "kubernetes");

const folder = await prepare(manifestCheckers);
const python = join(folder ?? "", "bin", "python");
const scratch = mkdtempSync(join(tmpdir(), "lambdad-deploy-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));

async function run(
  file: string,
  ...args: readonly string[]
): Promise<readonly [number | null, string]> {
  const { status, stdout, stderr } = await runCommand(file, args, {
    cwd: repositoryRoot,
    timeoutMs,
  });
  return [status, `${stdout.toString()}${stderr.toString()}`];
}

/** Lines of `kubernetes-validate` that find fault; what it has no schema for must be a custom kind. */
async function faults(version: string, ...paths: readonly string[]): Promise<readonly string[]> {
  const args = ["-m", "kubernetes_validate", "--strict", "--quiet", "-k", version, ...paths];
  const [status, output] = await run(python, ...args);
  const lines = output.split("\n").filter((line) => line !== "" && !customKind.test(line));
  return status === 0 || lines.length > 0 ? lines : [`it ended with ${status}`];
}

async function isSchemaOfCompose(path: string): Promise<readonly [number | null, string]> {
  return await run(
    python,
    "-m",
    "check_jsonschema",
    "--builtin-schema",
    "vendor.compose-spec",
    path,
  );
}

/** A copy of a file with something wrong in it: to see that the check sees it. */
function broken(path: string, text: string, wrong: string): string {
  const before = readFileSync(path, "utf8");
  assert.ok(before.includes(text), `${path} has no '${text}'`);
  const copy = join(scratch, `broken-${path.split("/").at(-1)}`);
  writeFileSync(copy, before.replace(text, wrong));
  return copy;
}

describe("the files in deploy/", { skip: folder === undefined }, () => {
  const manifests = globSync("**/*.yaml", { cwd: kubernetes })
    .filter((path) => !path.endsWith("kustomization.yaml") && path !== "secrets.yaml")
    .sort()
    .map((path) => join(kubernetes, path));

  test("compose.yaml is what Compose reads", async () => {
    const path = join(repositoryRoot, "deploy", "compose.yaml");
    const [status, output] = await isSchemaOfCompose(path);
    assert.equal(status, 0, output);
    const [brokenStatus] = await isSchemaOfCompose(broken(path, "healthcheck:", "healthchek:"));
    assert.equal(brokenStatus, 1);
  });

  for (const version of kubernetesVersions) {
    test(`every manifest is what Kubernetes ${version} takes`, async () => {
      assert.ok(manifests.length >= 10);
      assert.deepEqual(await faults(version, ...manifests), []);
    });
  }

  test("a mistake in a manifest is found", async () => {
    const path = join(kubernetes, "server", "deployment.yaml");
    const [line] = await faults("1.37", broken(path, "readinessProbe:", "readyProbe:"));
    assert.match(line ?? "", /readyProbe/);
  });

  for (const overlay of [".", "functions/compat", "functions/quorum", "functions/cpu"]) {
    test(`kustomize builds ${overlay}, and Kubernetes takes it`, async (t) => {
      const output = await build(join(kubernetes, overlay));
      if (output === undefined) return t.skip("Install kubectl");
      const path = join(scratch, `${overlay.replaceAll("/", "-")}.yaml`);
      writeFileSync(path, output);
      assert.deepEqual(await faults("1.37", path), []);
    });
  }

  test("the example of the README renames everything", async (t) => {
    const readme = readFileSync(join(kubernetes, "README.md"), "utf8");
    const [, example = ""] =
      /```yaml\n(# orders\/kustomization\.yaml\n[^]*?)```/.exec(readme) ?? [];
    const orders = join(scratch, "orders");
    cpSync(kubernetes, join(scratch, "deploy", "kubernetes"), { recursive: true });
    mkdirSync(orders);
    writeFileSync(join(orders, "kustomization.yaml"), example);
    const output = await build(orders);
    if (output === undefined) return t.skip("Install kubectl");
    assert.doesNotMatch(output, /\becho\b/);
    assert.match(output, /queueName: orders/);
  });

  test("yamllint and hadolint have nothing to say", async () => {
    const rules =
      "{extends: default, rules: {line-length: {max: 120}, document-start: disable, comments: {min-spaces-from-content: 1}, braces: {max-spaces-inside: 1}}}";
    const yaml = await run(python, "-m", "yamllint", "--strict", "-d", rules, "deploy");
    assert.deepEqual(yaml, [0, ""]);
    const hadolint = join(folder ?? "", "bin", "hadolint");
    assert.deepEqual(await run(hadolint, "deploy/images/lambdad/Dockerfile"), [0, ""]);
  });
});

/** What `kubectl kustomize` makes; `undefined` where there is no kubectl. */
async function build(path: string): Promise<string | undefined> {
  try {
    const [status, output] = await run("kubectl", "kustomize", path);
    assert.equal(status, 0, output);
    return output;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
