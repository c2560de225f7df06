import { encodeStrict } from "../sigv4/canonical-path.ts";
import { presignRequest } from "../sigv4/presign.ts";
import type { DsqlAuthTokenInput, RdsAuthTokenInput } from "./client-types.ts";
import type { Engine } from "./engine.ts";
import { ConfigurationError, ParamValidationError } from "./errors.ts";
import { credentialsOf } from "./presign.ts";

/** Seconds that a token can be used for connecting, unless the caller says. Source: botocore. */
const expiresInDefault = 900;

/** A token is the URL of a request that is never sent, without its scheme. */
interface TokenRequest {
  readonly method: string;
  readonly service: string;
  readonly host: string;
  readonly query: string[];
  readonly region: string | undefined;
  readonly expiresIn: number;
}

/** The password for a database user with IAM authentication. @throws ParamValidationError */
export function rdsAuthToken(engine: Engine, input: RdsAuthTokenInput): Promise<string> {
  const method = "generateAuthToken";
  const hostname = required(method, "hostname", input.hostname);
  const username = required(method, "username", input.username);
  const { port, region } = input;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalid(method, "port", "must be an integer in 1..65535");
  }
  const query = ["Action=connect", `DBUser=${encodeStrict(username)}`];
  const host = `${hostname}:${port}`;
  return token(engine, {
    method,
    service: "rds-db",
    host,
    query,
    region,
    expiresIn: expiresInDefault,
  });
}

/** The password for a DSQL cluster. @throws ParamValidationError */
export function dsqlAuthToken(
  engine: Engine,
  action: "DbConnect" | "DbConnectAdmin",
  { hostname, region, expiresIn = expiresInDefault }: DsqlAuthTokenInput,
): Promise<string> {
  const method = `generate${action}AuthToken`;
  const host = required(method, "hostname", hostname);
  const query = [`Action=${action}`];
  return token(engine, { method, service: "dsql", host, query, region, expiresIn });
}

async function token(
  engine: Engine,
  { method, service, host, query, region = engine.region, expiresIn }: TokenRequest,
): Promise<string> {
  if (region === undefined) {
    throw new ConfigurationError(
      `Cannot call ${method}: no region is configured; give "region", to the client or to the call`,
    );
  }
  if (engine.awaitsCredentials()) await engine.parts.credentials?.resolve();
  const request = { method: "GET", path: "/", query, headers: ["host", host] };
  const { query: signed } = presignRequest(request, credentialsOf(engine, method), {
    region,
    service,
    expiresIn,
    nowMs: Date.now() + engine.clockOffsetMs,
  });
  return `${host}/?${signed}`;
}

function required(method: string, path: string, value: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalid(method, path, "is required");
}

function invalid(method: string, path: string, message: string): ParamValidationError {
  return new ParamValidationError(method, [{ path, message }]);
}
