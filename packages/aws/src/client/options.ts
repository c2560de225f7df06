import type { BearerToken, CredentialProvider, Credentials } from "../credentials/credentials.ts";
import type { Transport } from "../transport/transport.ts";

/** Writes of the client: warnings, and retries at `debug`. Secrets never reach it. */
export interface Logger {
  debug?(message: string): void;
  warn(message: string): void;
}

/** How a service's wire form is chosen where it has several; the names of AWS's models. */
export type ProtocolPreference =
  | "json"
  | "rest-json"
  | "rest-xml"
  | "query"
  | "ec2"
  | "rpcv2Cbor"
  | "smithy-rpc-v2-cbor";

/** Fetches a bearer token; it is used until it ends. */
export type TokenProvider = () => Promise<BearerToken>;

/** Tuning of the retries. */
export interface RetryOptions {
  /** `false`: no token bucket; only `maxAttempts` ends the retries. Default `true`. */
  readonly quota?: boolean | undefined;
  /** Milliseconds; default 50 (DynamoDB 25). */
  readonly baseDelay?: number | undefined;
  /** Milliseconds; default 20,000. */
  readonly maxDelay?: number | undefined;
  /** Says of an error whether it is worth another attempt; `undefined` leaves it to the rules. */
  readonly retryable?: ((error: Error) => boolean | undefined) | undefined;
}

/**
 * Options of a client. Each has the environment variable and the profile key that the official
 * clients have; an option wins over both.
 */
export interface ClientOptions {
  /** Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's `region`. */
  readonly region?: string | undefined;
  /** Ask the instance metadata service of EC2 where nothing names a region. Default `false`. */
  readonly useInstanceRegion?: boolean | undefined;
  /** URL of the service; default: what AWS's endpoint rules say. `endpointUrl` is the same. */
  readonly endpoint?: string | undefined;
  readonly endpointUrl?: string | undefined;
  /** Keys, a function that fetches them, or `false` for unsigned requests. Default: the chain. */
  readonly credentials?: Credentials | CredentialProvider | false | undefined;
  /**
   * A bearer token for services that take one, or a function that fetches it. Where the service has
   * other ways to sign, the token wins. Default for Bedrock: `AWS_BEARER_TOKEN_BEDROCK`.
   */
  readonly token?: string | TokenProvider | undefined;
  readonly accountId?: string | undefined;
  /** Attempts in all; default 3 (DynamoDB 4). */
  readonly maxAttempts?: number | undefined;
  readonly retryMode?: "standard" | "adaptive" | "legacy" | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Milliseconds for a call with all its attempts and delays; default none. */
  readonly timeout?: number | undefined;
  /** Milliseconds from sending to the response's head, each attempt; default 60,000, Lambda Invoke 930,000. */
  readonly attemptTimeout?: number | undefined;
  /** Milliseconds; default 3,100. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds of silence while a body is read; default 60,000. */
  readonly bodyTimeout?: number | undefined;
  /** Connections per origin; default 128. Requests beyond it wait in order. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds an idle connection is kept; default 4,000, or the server's wish less a second. */
  readonly keepAliveTimeout?: number | undefined;
  readonly requestChecksumCalculation?: "WHEN_SUPPORTED" | "WHEN_REQUIRED" | undefined;
  readonly responseChecksumValidation?: "WHEN_SUPPORTED" | "WHEN_REQUIRED" | undefined;
  /** Hash S3 bodies over HTTPS too, where a checksum would do. Default `false`. */
  readonly payloadSigning?: boolean | undefined;
  /** Bytes up to which a response's body of known length is read before the call resolves; default 1 MiB. */
  readonly bufferBodyBelow?: number | undefined;
  readonly useFips?: boolean | undefined;
  readonly useDualstack?: boolean | undefined;
  readonly forcePathStyle?: boolean | undefined;
  readonly useAccelerate?: boolean | undefined;
  readonly useArnRegion?: boolean | undefined;
  /** Repeat an S3 call in the bucket's region; default `true`. */
  readonly followRegionRedirects?: boolean | undefined;
  readonly disableHostPrefix?: boolean | undefined;
  readonly accountIdEndpointMode?: "preferred" | "required" | "disabled" | undefined;
  /** Bytes from which requests of marked operations are compressed; default 10,240. */
  readonly requestMinCompressionSizeBytes?: number | undefined;
  readonly disableRequestCompression?: boolean | undefined;
  /** Check inputs before they are sent; default `true`. Labels of the path are always checked. */
  readonly validate?: boolean | undefined;
  /** Wire form for services that have several; default: JSON before CBOR before the others. */
  readonly protocol?: ProtocolPreference | undefined;
  /** URL of a proxy for all requests, or `false` for none; default `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`. */
  readonly proxy?: string | false | undefined;
  /** PEM text; default Node's, or the file named by `AWS_CA_BUNDLE`. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
  readonly logger?: Logger | undefined;
  readonly userAgentAppId?: string | undefined;
  /** SQS: send to the host of the queue's URL. Default `false`. */
  readonly useQueueUrlAsEndpoint?: boolean | undefined;
  /** DynamoDB: attribute values are JavaScript values. Default `false`: `{ S: "…" }`. */
  readonly nativeValues?: boolean | NativeValueOptions | undefined;
  /** Sends the requests in place of our own HTTP client: for tests and other runtimes. */
  readonly transport?: Transport | undefined;
  /** Generate code for operations; default: whether the process allows it. */
  readonly generateCode?: boolean | undefined;
}

/** How DynamoDB's values become JavaScript's. */
export interface NativeValueOptions {
  /** What a number becomes; default `auto`: `number` if it survives, else `bigint` or `DynamoNumber`. */
  readonly numbers?:
    | "auto"
    | "number"
    | "bigint"
    | "string"
    | ((text: string) => unknown)
    | undefined;
  /** Take the enumerable members of class instances; default `false`: they are refused. */
  readonly convertClassInstances?: boolean | undefined;
}

/** Options of a session: defaults for its clients, and where configuration is found. */
export interface SessionOptions extends ClientOptions {
  /** Default `AWS_PROFILE`, else `default`. */
  readonly profile?: string | undefined;
  /** Default `AWS_CONFIG_FILE`, else `~/.aws/config`. */
  readonly configFile?: string | undefined;
  /** Default `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`. */
  readonly credentialsFile?: string | undefined;
  /** Asks for the code of a multi-factor device, for profiles with `mfa_serial`. */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
  /** Variables to read; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Options of one call. */
export interface CallOptions {
  /** Ends the call at any stage with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** The same as `signal`; the official SDK's name. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Milliseconds, as the client's. */
  readonly timeout?: number | undefined;
  readonly attemptTimeout?: number | undefined;
  readonly maxAttempts?: number | undefined;
  /** Extra headers; they are signed. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `auto`: small bodies are read first; `buffer`: any size; `stream`: none. Default `auto`. */
  readonly body?: "auto" | "buffer" | "stream" | undefined;
  readonly region?: string | undefined;
  readonly credentials?: Credentials | CredentialProvider | false | undefined;
}
