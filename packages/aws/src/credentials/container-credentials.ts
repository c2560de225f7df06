import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import type { CredentialsError } from "../client/errors.ts";
import { jsonCredentials, parseSecretJson } from "./json-credentials.ts";
import { MetadataFailure, metadataRequest } from "./metadata-request.ts";
import { providerError } from "./provided.ts";
import type { Environment } from "../configuration/shared-configuration.ts";
import type { ChainContext, Provided } from "./provider.ts";
import { redact } from "./redact.ts";

const PROVIDER = "container";
const ECS_HOST = "169.254.170.2";
/** ECS, EKS Pod Identity (both families); over HTTP only these and loopback may see the token. */
const HTTP_HOSTS: ReadonlySet<string> = new Set([
  ECS_HOST,
  "169.254.170.23",
  "[fd00:ec2::23]",
  "localhost",
  "[::1]",
]);
const TIMEOUT_MS = 2000;
const ATTEMPTS = 3;
const RETRY_DELAY_MS = 1000;

/**
 * Asks the credential service of ECS, EKS Pod Identity or another container host:
 * `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, else `AWS_CONTAINER_CREDENTIALS_FULL_URI`, with the token
 * of `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, else `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export async function containerCredentials(context: ChainContext): Promise<Provided | string> {
  const { environment, clock } = context;
  const url = serviceUrl(environment);
  if (url === undefined) return "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set";
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(url, environment);
    if (typeof answer !== "string") return answer;
    if (attempt === ATTEMPTS) throw failure(answer);
    await clock.sleep(RETRY_DELAY_MS);
  }
}

/** @returns why another attempt may help. */
async function ask(url: URL, environment: Environment): Promise<Provided | string> {
  // Read each time: the file's token is renewed.
  const token = await authorization(environment);
  const headers = {
    accept: "application/json",
    ...(token !== undefined && { authorization: token }),
  };
  try {
    const { status, text } = await metadataRequest({ url, headers, timeoutMs: TIMEOUT_MS });
    if (status !== 200) {
      const said = `${url.host} answered with status ${status}: ${redact(text)}`;
      if (status === 429 || status >= 500) return said;
      throw failure(said);
    }
    const json = parseSecretJson(text);
    if (json === undefined) return `${url.host} did not answer with a JSON object`;
    const origin = `the container's credential service at ${url.host}`;
    return jsonCredentials(json, { provider: PROVIDER, origin, tokenMember: "Token" });
  } catch (error) {
    if (error instanceof MetadataFailure) return error.message;
    throw error;
  }
}

function serviceUrl(environment: Environment): URL | undefined {
  const relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] ?? "";
  const full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] ?? "";
  if (relative === "" && full === "") return undefined;
  if (relative !== "" && !relative.startsWith("/")) {
    throw failure(`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI "${relative}" does not start with "/"`);
  }
  const text = relative === "" ? full : `http://${ECS_HOST}${relative}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw failure(`AWS_CONTAINER_CREDENTIALS_FULL_URI "${redact(text)}" is no HTTP URL`);
  }
  if (url.protocol === "http:" && !HTTP_HOSTS.has(url.hostname) && !isLoopback(url.hostname)) {
    throw failure(
      `AWS_CONTAINER_CREDENTIALS_FULL_URI names the host "${url.hostname}"; without HTTPS it may only be ` +
        "loopback, 169.254.170.2, 169.254.170.23 or fd00:ec2::23",
    );
  }
  return url;
}

function isLoopback(host: string): boolean {
  return isIPv4(host) && host.startsWith("127.");
}

async function authorization(environment: Environment): Promise<string | undefined> {
  const file = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] ?? "";
  const token =
    file === ""
      ? environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
      : (await readToken(file)).replace(/\r?\n$/, "");
  if (token === undefined || token === "") return undefined;
  if (!/^[\x20-\x7e]+$/.test(token)) {
    throw failure(
      "its authorization token has a line break or another character that no header has",
    );
  }
  return token;
}

async function readToken(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw failure(
      `the file "${path}" of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read (${code})`,
    );
  }
}

function failure(reason: string): CredentialsError {
  return providerError(PROVIDER, `Cannot get credentials of the container: ${reason}`);
}
