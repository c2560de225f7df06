import { parseProfileFile } from "../../configuration/profile-file.ts";
import { SharedConfiguration } from "../../configuration/shared-configuration.ts";
import {
  type CallOperation,
  type CallOperationOptions,
  type ChainContext,
  type CredentialSourceOptions,
  type SessionPlace,
  systemClock,
} from "../provider.ts";

/** A call of an AWS service that a test recorded. */
export interface RecordedCall extends Omit<CallOperationOptions, "session"> {
  /** `sts.AssumeRole`. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What a test of the chain gives. */
export interface ChainFixture {
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly profile?: string | undefined;
  /** Text of the config file. */
  readonly config?: string | undefined;
  /** Text of the credentials file. */
  readonly credentials?: string | undefined;
  /** Answers by `service.Operation`; none: STS gives keys named after the role. */
  readonly answer?: ((call: RecordedCall) => Record<string, unknown>) | undefined;
  readonly now?: number | undefined;
}

/** Options of a chain without a machine around it, and the calls of services it makes. */
export function chainOptions(fixture: ChainFixture): {
  readonly options: CredentialSourceOptions;
  readonly calls: RecordedCall[];
  /** Of the calls, in their order. */
  readonly sessions: SessionPlace[];
  readonly warnings: string[];
  readonly slept: number[];
} {
  const calls: RecordedCall[] = [];
  const sessions: SessionPlace[] = [];
  const warnings: string[] = [];
  const slept: number[] = [];
  const callOperation: CallOperation = async (service, operation, input, how) => {
    const { region, credentials, session } = how;
    const call = { name: `${service}.${operation}`, input, region, credentials };
    calls.push(call);
    sessions.push(session);
    return (fixture.answer ?? stsAnswer)(call);
  };
  const options: CredentialSourceOptions = {
    environment: { AWS_EC2_METADATA_DISABLED: "true", ...fixture.environment },
    profile: fixture.profile,
    callOperation,
    loadFiles: async () => profileFiles(fixture),
    logger: { warn: (message) => warnings.push(message) },
    clock: {
      now: () => fixture.now ?? 0,
      sleep: async (ms) => void slept.push(ms),
      random: () => 0.5,
    },
  };
  return { options, calls, sessions, warnings, slept };
}

function profileFiles({ config = "", credentials = "" }: ChainFixture): SharedConfiguration {
  return new SharedConfiguration(
    { configFile: "/config", credentialsFile: "/credentials" },
    parseProfileFile(config, "config", "/config"),
    parseProfileFile(credentials, "credentials", "/credentials"),
  );
}

/** What one provider is given; the environment has what the fixture says and nothing else. */
export function chainContext(fixture: ChainFixture): ChainContext & { readonly slept: number[] } {
  const { options, slept } = chainOptions(fixture);
  return {
    session: { environment: fixture.environment ?? {} },
    environment: fixture.environment ?? {},
    profile: fixture.profile ?? "default",
    profileNamed: fixture.profile !== undefined,
    files: profileFiles(fixture),
    region: "us-east-1",
    callOperation: options.callOperation,
    mfaCode: undefined,
    logger: options.logger,
    clock: options.clock ?? systemClock,
    slept,
  };
}

/** STS's answer for a role: its name as access key. */
export function stsAnswer({ input }: RecordedCall): Record<string, unknown> {
  const arn = String(input["RoleArn"]);
  return {
    Credentials: {
      AccessKeyId: arn.split("/").at(-1),
      SecretAccessKey: "role-secret",
      SessionToken: "role-token",
      Expiration: new Date(3_600_000),
    },
    AssumedRoleUser: { Arn: arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") },
  };
}
