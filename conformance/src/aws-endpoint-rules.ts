/** What the endpoint cases need of `@lambdad/aws`, from its source: it is no part of what the package offers. */

type Members = Readonly<Record<string, unknown>>;

/** What a service's rules answer with. */
export interface RuleEndpoint {
  readonly url: string;
  readonly properties: Members;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** What the call path asks for. */
export interface EndpointTarget {
  readonly endpoint: { readonly protocol: string; readonly path: string };
  readonly origin: { readonly hostHeader: string };
}

/** The model of a service, as far as it is used here. */
export interface ServiceModel {
  readonly metadata: { readonly serviceId: string; readonly signingName: string };
  readonly endpointRules: unknown;
  operation(name: string): object | undefined;
}

interface OperationEndpoint {
  resolve(input: Members, accountId?: string): EndpointTarget;
}

/** The parts of the package that endpoints come from. */
export interface EndpointSource {
  readonly loadModel: (service: string) => ServiceModel;
  /** The service's rules, ready to be evaluated. */
  readonly rulesOf: (model: ServiceModel) => { evaluate(parameters: Members): RuleEndpoint };
  readonly endpointOf: (
    model: ServiceModel,
    operation: object,
    settings: Members,
  ) => OperationEndpoint;
  /** The URL that a client of the service has configured. */
  readonly configuredUrl: (
    model: ServiceModel,
    options: Members,
    environment: Readonly<Record<string, string>>,
    configFile: string,
  ) => string | undefined;
}

/** Loads the parts. */
export async function loadEndpointSource(): Promise<EndpointSource> {
  const [models, partitionsModule, ruleSet, endpoints, file, shared, configuration] =
    await Promise.all([
      load<Models>("model/load-model.ts"),
      load<PartitionsModule>("endpoint/partitions.ts"),
      load<RuleSetModule>("endpoint/rule-set.ts"),
      load<EndpointsModule>("endpoint/service-endpoints.ts"),
      load<ProfileFileModule>("configuration/profile-file.ts"),
      load<SharedModule>("configuration/shared-configuration.ts"),
      load<ConfigurationModule>("configuration/client-configuration.ts"),
    ]);
  const { Partitions } = partitionsModule;
  const partitions = new Partitions(JSON.parse(models.readModelFile("partitions.json")));
  return {
    loadModel: models.loadModel,
    rulesOf: (model) => ruleSet.compileRuleSet(model.endpointRules, partitions),
    endpointOf: (model, operation, settings) =>
      new endpoints.ServiceEndpoints(model, partitions, settings).operation(operation),
    configuredUrl: (model, options, environment, text) => {
      const files = new shared.SharedConfiguration(
        { configFile: "config", credentialsFile: "credentials" },
        file.parseProfileFile(text, "config", "config"),
        file.emptyProfileFile,
      );
      return configuration.resolveConfiguration(model, options, environment, files).endpoint;
    },
  };
}

interface Models {
  readonly loadModel: (service: string) => ServiceModel;
  readonly readModelFile: (file: string) => string;
}

interface PartitionsModule {
  readonly Partitions: new (data: unknown) => object;
}

interface RuleSetModule {
  readonly compileRuleSet: (
    rules: unknown,
    partitions: object,
  ) => { evaluate(parameters: Members): RuleEndpoint };
}

interface EndpointsModule {
  readonly ServiceEndpoints: new (
    model: ServiceModel,
    partitions: object,
    settings: Members,
  ) => { operation(operation: object): OperationEndpoint };
}

interface ProfileFileModule {
  readonly parseProfileFile: (text: string, kind: "config", path: string) => object;
  readonly emptyProfileFile: object;
}

interface SharedModule {
  readonly SharedConfiguration: new (paths: object, config: object, credentials: object) => object;
}

interface ConfigurationModule {
  readonly resolveConfiguration: (
    model: ServiceModel,
    options: Members,
    environment: Readonly<Record<string, string>>,
    files: object,
  ) => { readonly endpoint: string | undefined };
}

async function load<Module>(path: string): Promise<Module> {
  const source = new URL(`../../packages/aws/src/${path}`, import.meta.url);
  return (await import(source.href)) as Module;
}
