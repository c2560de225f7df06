import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ourModel } from "./aws-model/our-model.ts";
import { nodeSdk } from "./install/parts.ts";
import { fixture, repositoryRoot } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { runCommand } from "./run-command.ts";

/** Our services and the official SDK's packages. */
const services: Readonly<Record<string, string>> = {
  s3: "client-s3",
  dynamodb: "client-dynamodb",
  organizations: "client-organizations",
  lambda: "client-lambda",
  sqs: "client-sqs",
  sts: "client-sts",
  ec2: "client-ec2",
  cloudwatch: "client-cloudwatch",
  stepfunctions: "client-sfn",
  ssm: "client-ssm",
};

/** Types that differ from the official SDK's, by service and type, and why. */
const explained: Readonly<Record<string, string>> = {
  "s3.GetObjectAttributesCommandInput": "PartNumberMarker is a number in botocore",
  "s3.GetObjectAttributesCommandOutput": "PartNumberMarker is a number in botocore",
  "s3.ListPartsCommandInput": "PartNumberMarker is a number in botocore",
  "s3.ListPartsCommandOutput": "PartNumberMarker is a number in botocore",
};

/** Operations that only one release has: more than these, and something else is wrong. */
const newerMax = 20;

const awsFolder = join(repositoryRoot, "packages", "aws");

interface CompilerError {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Compiles a folder's modules; errors in those modules only. */
async function compile(
  folder: string,
  skipLibCheck: boolean,
  sdk?: string,
): Promise<readonly CompilerError[]> {
  mkdirSync(join(folder, "node_modules", "@lambdad"), { recursive: true });
  symlinkSync(awsFolder, join(folder, "node_modules", "@lambdad", "aws"));
  if (sdk !== undefined) {
    const scope = join("node_modules", "@aws-sdk");
    symlinkSync(join(sdk, scope), join(folder, scope));
  }
  const compilerOptions = {
    noEmit: true,
    skipLibCheck,
    noUnusedLocals: false,
    // Methods of an untyped client are written like those of a typed one.
    noPropertyAccessFromIndexSignature: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    lib: ["es2024", "esnext.disposable", "dom"],
    typeRoots: [join(repositoryRoot, "node_modules", "@types")],
  };
  const config = { extends: join(repositoryRoot, "tsconfig.base.json"), compilerOptions };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...config, include: ["*.ts"] }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const compiler = join(repositoryRoot, "node_modules", "typescript", "bin", "tsc");
  const { stdout } = await runCommand(
    process.execPath,
    [compiler, "-p", folder, "--pretty", "false"],
    {
      cwd: folder,
      timeoutMs: 120_000,
    },
  );
  return Array.from(
    stdout.toString().matchAll(/^([^\s(]+)\((\d+),\d+\): error (.*)$/gm),
    ([, file = "", line = "", message = ""]) => ({ file, line: Number(line), message }),
  ).filter(({ file }) => !file.startsWith("../") || file.includes("/aws/types/"));
}

/** For each operation: we take what they take, and what we give is what they give. */
function assertionsOf(service: string, sdkPackage: string, operations: readonly string[]): string {
  const lines = [
    `import type * as ours from "@lambdad/aws/${service}";`,
    `import type * as theirs from "@aws-sdk/${sdkPackage}";`,
    'import type { Given, Got } from "./loose.ts";',
    ...operations.flatMap((name) => [
      `null! as Given<theirs.${name}CommandInput> satisfies ours.${name}CommandInput;`,
      `null! as ours.${name}CommandOutput satisfies Got<theirs.${name}CommandOutput>;`,
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function typeAt(text: string | undefined, { file, line, message }: CompilerError): string {
  const asserted = /(?:ours|theirs)\.(\w+)/.exec(text?.split("\n")[line - 1] ?? "")?.[1];
  return `${file.replace(".ts", "")}.${asserted ?? `line ${line}: ${message}`}`;
}

const folder = mkdtempSync(join(tmpdir(), "lambdad-types-"));
after(() => rmSync(folder, { recursive: true, force: true }));

describe("declarations of services", () => {
  test("type a program's calls, strictly and without a mistake of their own", async () => {
    const own = mkdtempSync(join(folder, "usage-"));
    cpSync(fixture("aws-types", "usage.ts"), join(own, "usage.ts"));
    assert.deepEqual(await compile(own, false), []);
  });
});

const sdk = await prepare(nodeSdk);

if (sdk !== undefined) {
  describe("our types against the official SDK's", () => {
    test("differ only where a reason is given", async () => {
      const own = mkdtempSync(join(folder, "sdk-"));
      cpSync(fixture("aws-types", "loose.ts"), join(own, "loose.ts"));
      const texts = new Map<string, string>();
      for (const [service, sdkPackage] of Object.entries(services)) {
        const { operationNames } = await ourModel(service);
        texts.set(`${service}.ts`, assertionsOf(service, sdkPackage, operationNames));
      }
      for (const [file, text] of texts) writeFileSync(join(own, file), text);
      const errors = await compile(own, true, sdk);
      // TS2694 and TS2724: the SDK has no such type, so the operation is newer, or one it left out.
      const missing = errors.filter(({ message }) => /^TS(?:2694|2724):/.test(message));
      const others = errors.filter((error) => !missing.includes(error));
      const different = others.map((error) => typeAt(texts.get(error.file), error));
      assert.deepEqual([...different].sort(), Object.keys(explained).sort());
      assert.ok(missing.length <= 2 * newerMax, missing.map(({ message }) => message).join("\n"));
    });
  });
}
