import type { OperationModel, ServiceModel } from "../model/model.ts";
import type { Input } from "../protocol/protocol.ts";
import { type InputReader, compileParameterPath } from "./parameter-path.ts";
import type { CompiledRuleSet } from "./rule-set.ts";

/** What the configuration gives to the endpoint rules. */
export interface EndpointSettings {
  readonly region: string | undefined;
  /** A URL in place of AWS's. */
  readonly endpoint?: string | undefined;
  readonly useFips?: boolean | undefined;
  readonly useDualstack?: boolean | undefined;
  /** Of the configuration; else the credentials' account is used, see `OperationEndpoint`. */
  readonly accountId?: string | undefined;
  readonly accountIdEndpointMode?: "preferred" | "required" | "disabled" | undefined;
  readonly forcePathStyle?: boolean | undefined;
  readonly useAccelerate?: boolean | undefined;
  /** Default: the region of a resource name may differ from the client's. */
  readonly useArnRegion?: boolean | undefined;
  readonly disableMultiRegionAccessPoints?: boolean | undefined;
  readonly disableS3ExpressSessionAuth?: boolean | undefined;
  /** S3 in `us-east-1`: the global host. */
  readonly useGlobalEndpoint?: boolean | undefined;
  /** STS in the older regions: the global host. */
  readonly useGlobalStsEndpoint?: boolean | undefined;
}

/** How an operation's input becomes parameters of its service's rules. */
export interface EndpointParameterPlan {
  /** The same for every input. */
  readonly constant: Readonly<Record<string, unknown>>;
  /** Read from each input. */
  readonly varying: readonly { readonly name: string; readonly read: InputReader }[];
  /** The parameter that takes the account of the credentials. */
  readonly accountId: string | undefined;
}

type Reader = (settings: EndpointSettings) => unknown;

const builtIns: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["AWS::Region", ({ region }) => region],
  ["AWS::UseFIPS", ({ useFips }) => useFips ?? false],
  ["AWS::UseDualStack", ({ useDualstack }) => useDualstack ?? false],
  ["SDK::Endpoint", ({ endpoint }) => endpoint],
  ["AWS::Auth::AccountId", ({ accountId }) => accountId],
  ["AWS::Auth::AccountIdEndpointMode", ({ accountIdEndpointMode }) => accountIdEndpointMode],
  ["AWS::S3::ForcePathStyle", ({ forcePathStyle }) => forcePathStyle ?? false],
  ["AWS::S3::Accelerate", ({ useAccelerate }) => useAccelerate ?? false],
  ["AWS::S3::UseArnRegion", ({ useArnRegion }) => useArnRegion],
  ["AWS::S3Control::UseArnRegion", ({ useArnRegion }) => useArnRegion],
  ["AWS::S3::UseGlobalEndpoint", ({ useGlobalEndpoint }) => useGlobalEndpoint ?? false],
  ["AWS::STS::UseGlobalEndpoint", ({ useGlobalStsEndpoint }) => useGlobalStsEndpoint ?? false],
  [
    "AWS::S3::DisableMultiRegionAccessPoints",
    ({ disableMultiRegionAccessPoints }) => disableMultiRegionAccessPoints ?? false,
  ],
]);

/** Parameters that a model binds to the client's options; the names are the models'. */
const clientParameters: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["Accelerate", ({ useAccelerate }) => useAccelerate],
  ["ForcePathStyle", ({ forcePathStyle }) => forcePathStyle],
  ["UseArnRegion", ({ useArnRegion }) => useArnRegion],
  [
    "DisableMultiRegionAccessPoints",
    ({ disableMultiRegionAccessPoints }) => disableMultiRegionAccessPoints,
  ],
  ["DisableS3ExpressSessionAuth", ({ disableS3ExpressSessionAuth }) => disableS3ExpressSessionAuth],
]);

/**
 * Plans the parameters of an operation: a static value of the operation beats the input, the input
 * beats a path in the input, that beats the client's option, and that the configuration. Where an
 * input leaves its parameter open, the configuration's value stays.
 */
export function planEndpointParameters(
  service: ServiceModel,
  operation: OperationModel,
  rules: CompiledRuleSet,
  settings: EndpointSettings,
): EndpointParameterPlan {
  const constant: Record<string, unknown> = {};
  const varying: { name: string; read: InputReader }[] = [];
  let accountId: string | undefined;
  for (const [name, { builtIn }] of rules.parameters) {
    const fixed = operation.staticContextParams?.[name]?.value;
    const read = fixed === undefined ? inputReader(operation, name) : undefined;
    constant[name] = fixed ?? configured(service, operation, name, builtIn, settings);
    if (read !== undefined) varying.push({ name, read });
    else if (builtIn === "AWS::Auth::AccountId" && takesAccountId(settings)) accountId = name;
  }
  return { constant, varying, accountId };
}

function configured(
  service: ServiceModel,
  operation: OperationModel,
  name: string,
  builtIn: string | undefined,
  settings: EndpointSettings,
): unknown {
  // A bucket's region may not be known to who asks for it; only path style is not redirected then.
  if (operation.name === "GetBucketLocation" && builtIn === "AWS::S3::ForcePathStyle") return true;
  const client = Object.hasOwn(service.metadata.clientContextParams ?? {}, name)
    ? clientParameters.get(name)?.(settings)
    : undefined;
  return client ?? (builtIn === undefined ? undefined : builtIns.get(builtIn)?.(settings));
}

function takesAccountId({ accountId, accountIdEndpointMode, endpoint }: EndpointSettings): boolean {
  return accountId === undefined && endpoint === undefined && accountIdEndpointMode !== "disabled";
}

function inputReader(operation: OperationModel, parameter: string): InputReader | undefined {
  const member = operation.input?.members.find(({ contextParam }) => contextParam === parameter);
  if (member !== undefined) {
    const { name } = member;
    return (input) => (input as Input)[name];
  }
  const path = operation.operationContextParams?.[parameter]?.path;
  return path === undefined ? undefined : compileParameterPath(path);
}
