import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type EndpointSource, loadEndpointSource } from "./aws-endpoint-rules.ts";
import { botocoreTests } from "./install/botocore-tests-part.ts";
import { conformanceRoot, repositoryRoot } from "./paths.ts";
import { prepare } from "./prepare.ts";

/** A case of `endpoint-tests-1.json`. */
interface EndpointCase {
  readonly documentation: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly operationInputs?: readonly OperationInput[];
  readonly expect: { readonly error?: string; readonly endpoint?: ExpectedEndpoint };
}

interface ExpectedEndpoint {
  readonly url: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}

interface OperationInput {
  readonly operationName: string;
  readonly operationParams?: Readonly<Record<string, unknown>>;
  readonly builtInParams?: Readonly<Record<string, unknown>>;
}

/** The settings behind the rules' built-in parameters. */
function settingsOf(builtIns: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    region: builtIns["AWS::Region"],
    endpoint: builtIns["SDK::Endpoint"],
    useFips: builtIns["AWS::UseFIPS"],
    useDualstack: builtIns["AWS::UseDualStack"],
    accountIdEndpointMode: builtIns["AWS::Auth::AccountIdEndpointMode"],
    forcePathStyle: builtIns["AWS::S3::ForcePathStyle"],
    useAccelerate: builtIns["AWS::S3::Accelerate"],
    useArnRegion: builtIns["AWS::S3::UseArnRegion"] ?? builtIns["AWS::S3Control::UseArnRegion"],
    disableMultiRegionAccessPoints: builtIns["AWS::S3::DisableMultiRegionAccessPoints"],
    useGlobalEndpoint: builtIns["AWS::S3::UseGlobalEndpoint"],
    useGlobalStsEndpoint: builtIns["AWS::STS::UseGlobalEndpoint"],
  };
}

function messageOf(error: unknown): string {
  assert.ok(error instanceof Error && error.name === "EndpointError", String(error));
  return error.message;
}

function evaluated(
  source: EndpointSource,
  service: string,
  params: object,
): EndpointCase["expect"] {
  const rules = source.rulesOf(source.loadModel(service));
  try {
    const { url, properties, headers } = rules.evaluate({ ...params });
    return { endpoint: { url, properties, headers } };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** What a client's call with that input would have done. */
function called(source: EndpointSource, service: string, input: OperationInput): string {
  const model = source.loadModel(service);
  const operation = model.operation(input.operationName);
  assert.ok(operation, `${service} has no operation ${input.operationName}`);
  const builtIns = input.builtInParams ?? {};
  const account = builtIns["AWS::Auth::AccountId"] as string | undefined;
  const endpoint = source.endpointOf(model, operation, settingsOf(builtIns));
  try {
    const { endpoint: place, origin } = endpoint.resolve(input.operationParams ?? {}, account);
    return `${place.protocol}//${origin.hostHeader}${place.path}`;
  } catch (error) {
    return messageOf(error);
  }
}

function wantedOf({ endpoint, error }: EndpointCase["expect"]): string {
  if (endpoint === undefined) return error ?? "";
  return endpoint.url.replace(/\/$/, "");
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

function configText(suite: ProfileSuite): string {
  return [
    ...Object.entries(suite.profiles).map((entry) => sectionText(entry, "profile")),
    ...Object.entries(suite.services).map((entry) => sectionText(entry, "services")),
  ].join("\n");
}

function sectionText([name, values]: readonly [string, object], kind: string): string {
  return `[${kind} ${name}]\n${Object.entries(values).map(settingText).join("")}`;
}

function settingText([key, value]: readonly [string, unknown]): string {
  if (typeof value !== "object" || value === null) return `${key} = ${String(value)}\n`;
  const inner = Object.entries(value).map((entry) => `  ${settingText(entry)}`);
  return `${key} =\n${inner.join("")}`;
}

interface ProfileSuite {
  readonly profiles: Readonly<Record<string, object>>;
  readonly services: Readonly<Record<string, object>>;
  readonly client_configs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly endpointUrlTests: readonly {
    readonly name: string;
    readonly service: string;
    readonly profile: string;
    readonly client_config: string;
    readonly environment: string;
    readonly output: { readonly endpointUrl: string };
  }[];
}

const folder = await prepare(botocoreTests);
if (folder !== undefined) {
  const source = await loadEndpointSource();
  const cases = join(folder, "tests", "functional", "endpoint-rules");
  const services = readdirSync(cases).filter((name) =>
    existsSync(join(cases, name, "endpoint-tests-1.json")),
  );

  describe("endpoint rules of AWS, with botocore's published cases", () => {
    test("the cases are of the release that the models come from", () => {
      const lock = join(repositoryRoot, "packages", "aws", "models", "botocore.lock.json");
      const { version } = readJson(lock) as { version: string };
      const pin = join(conformanceRoot, "pins", "botocore-tests", "requirements.txt");
      const remedy = "pin the source distribution of the same release, with its hash";
      assert.ok(readFileSync(pin, "utf8").startsWith(`botocore==${version} `), remedy);
      assert.ok(services.length > 400, `there are cases of ${services.length} services only`);
    });

    for (const service of services) {
      test(`${service}: each case has its endpoint or error`, () => {
        const file = join(cases, service, "endpoint-tests-1.json");
        const { testCases } = readJson(file) as { testCases: readonly EndpointCase[] };
        assert.ok(testCases.length > 0);
        for (const { documentation, params = {}, operationInputs = [], expect } of testCases) {
          const { endpoint } = expect;
          const wanted = endpoint && { endpoint: { properties: {}, headers: {}, ...endpoint } };
          assert.deepEqual(evaluated(source, service, params), wanted ?? expect, documentation);
          for (const input of operationInputs) {
            assert.equal(called(source, service, input), wantedOf(expect), documentation);
          }
        }
      });
    }
  });

  describe("configured endpoint URLs, with botocore's published cases", () => {
    const file = join(folder, "tests/functional/configured_endpoint_urls/profile-tests.json");
    const { testSuites } = readJson(file) as { testSuites: readonly ProfileSuite[] };
    for (const suite of testSuites) {
      const text = configText(suite);
      for (const each of suite.endpointUrlTests) {
        test(each.name, () => {
          const client = suite.client_configs[each.client_config] ?? {};
          const options = {
            profile: each.profile,
            endpoint: client["endpoint_url"],
            ignoreConfiguredEndpointUrls: client["ignore_configured_endpoint_urls"],
          };
          const environment = suite.environments[each.environment] ?? {};
          const model = source.loadModel(each.service);
          const usual = `https://${each.service}.fake-region-10.amazonaws.com`;
          const found = source.configuredUrl(model, options, environment, text);
          assert.equal(found ?? usual, each.output.endpointUrl);
        });
      }
    }
  });
}
