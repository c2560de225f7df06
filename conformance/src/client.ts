/** One call as a client's API spells it. */
export interface ClientCall {
  readonly FunctionName: string;
  readonly Payload?: string;
  readonly InvocationType?: "RequestResponse" | "Event" | "DryRun";
  readonly LogType?: "None" | "Tail";
  /** Base64 of JSON. */
  readonly ClientContext?: string;
  readonly Qualifier?: string;
  /** InvokeWithResponseStream instead of Invoke. */
  readonly stream?: boolean;
}

/** What a client made of the answer. */
export interface ClientResult {
  readonly status?: number;
  readonly payload?: string;
  readonly functionError?: string;
  readonly executedVersion?: string;
  /** The log tail, decoded. */
  readonly log?: string;
  readonly requestId?: string;
  /** InvokeComplete of a stream. */
  readonly complete?: {
    readonly errorCode?: string | null;
    readonly errorDetails?: string | null;
    readonly log?: string | null;
  };
  readonly error?: ClientError;
}

export interface ClientError {
  /** Class of the exception that the client raised, where it has classes. */
  readonly class?: string;
  readonly name: string;
  readonly message: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly reason?: string;
  readonly retryAfter?: string | number;
}

/** A real client, pointed at one daemon. */
export interface Client {
  call(call: ClientCall): Promise<ClientResult>;
  stop(): Promise<void>;
}

/** What a client cannot do or does not show. */
export interface ClientTraits {
  readonly name: string;
  readonly streams: boolean;
  readonly showsRequestId: boolean;
  /** Raises an exception class per modelled error. */
  readonly hasErrorClasses: boolean;
}

/** Credentials that mean nothing, and no configuration of the user's. */
export const clientEnv: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: "conformance",
  AWS_SECRET_ACCESS_KEY: "conformance",
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_MAX_ATTEMPTS: "1",
};
