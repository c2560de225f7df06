import type { Workspace } from "../repository.ts";
import type { Checkout } from "./tidy-rule.ts";

/** Every package of ours has the same manifest around its name, description and dependencies. */
const common = {
  license: "Apache-2.0",
  type: "module",
  files: ["dist", "src", "!src/**/*.test.ts", "!src/**/testdata"],
  exports: {
    ".": {
      "@lambdad/source": "./src/index.ts",
      types: "./dist/index.d.ts",
      default: "./dist/index.js",
    },
  },
  engines: { node: ">=22.18" },
} as const;

/** What a package has beside that: the AWS client has its models, an optional module, and an entry for each service. */
const special: Readonly<Record<string, Partial<Record<keyof typeof common, unknown>>>> = {
  "packages/aws": {
    files: [
      "dist",
      "models",
      "services",
      "src",
      "types",
      "!src/generate",
      "!src/**/*.test.ts",
      "!src/**/testdata",
      "!src/vectors",
    ],
    exports: {
      ...common.exports,
      "./s3-encryption": {
        "@lambdad/source": "./src/encryption/index.ts",
        types: "./dist/encryption/index.d.ts",
        default: "./dist/encryption/index.js",
      },
      "./*": { types: "./types/*.d.ts", default: "./services/*.js" },
    },
  },
};

const installScripts = ["preinstall", "install", "postinstall", "prepare", "prepublish"];

/** The manifests have one form, one version, and no script that runs at installation. */
export function checkManifests({ files, workspaces }: Checkout): readonly string[] {
  const paths = new Set(files.map(({ path }) => path));
  const packages = workspaces.filter(({ folder }) => folder.startsWith("packages/"));
  const version = packages[0]?.manifest.version;
  return packages.flatMap((workspace) => [
    ...formProblems(workspace),
    ...versionProblems(workspace, version),
    ...(paths.has(`${workspace.folder}/README.md`) ? [] : [`${workspace.folder}: no README.md`]),
  ]);
}

function formProblems({ folder, manifest }: Workspace): string[] {
  const where = `${folder}/package.json`;
  const problems = Object.entries({ ...common, ...special[folder] })
    .filter(([key, value]) => {
      const found = manifest[key as keyof typeof common];
      return JSON.stringify(found) !== JSON.stringify(value);
    })
    .map(([key, value]) => `${where}: '${key}' must be ${JSON.stringify(value)}`);
  if ((manifest.description ?? "") === "") problems.push(`${where}: no description`);
  for (const name of installScripts) {
    if (manifest.scripts?.[name] !== undefined) problems.push(`${where}: script '${name}'`);
  }
  return problems;
}

function versionProblems({ folder, manifest }: Workspace, version: string | undefined): string[] {
  const where = `${folder}/package.json`;
  const problems =
    manifest.version === version
      ? []
      : [`${where}: version ${manifest.version}, the others have ${version}`];
  for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
    const ours = name.startsWith("@lambdad/");
    if (ours && range !== version) problems.push(`${where}: '${name}' must be ${version}`);
    if (!/^\d+\.\d+\.\d+$/.test(range)) problems.push(`${where}: '${name}' must be exact`);
  }
  return problems;
}

/** What the rule of the lock file reads of it. */
interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

/**
 * The lock file has the packages of every platform. npm leaves out those that a registry did not give
 * it, and then `npm ci` refuses the lock file, on every platform.
 */
export function checkLockFile({ files }: Checkout): readonly string[] {
  const path = "package-lock.json";
  const text = files.find((file) => file.path === path)?.text;
  if (text === undefined) return [`${path} is missing`];
  const { packages } = JSON.parse(text) as LockFile;
  return Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !Object.hasOwn(packages, `node_modules/${name}`))
      .map(([name, version]) => `${path}: no '${name}' ${version}, which '${from}' may need`),
  );
}

/** Each dependency has its reason. */
export function checkDependencyReasons({ files, workspaces }: Checkout): readonly string[] {
  const page = "docs/internals/dependencies.md";
  const text = files.find(({ path }) => path === page)?.text ?? "";
  const named = new Set<string>();
  for (const { manifest } of workspaces) {
    for (const list of [
      manifest.dependencies,
      manifest.devDependencies,
      manifest.optionalDependencies,
    ]) {
      for (const name of Object.keys(list ?? {})) named.add(name);
    }
  }
  return [...named]
    .filter((name) => !name.startsWith("@lambdad/") && name !== "lambdad")
    .filter((name) => !text.includes(`\`${name}\``))
    .map((name) => `${page}: no line for '${name}'`);
}
