/** Where a broker is and how to talk to it. Source of the keys: the contract of AMQP-RPC, §2. */
export interface BrokerUri {
  readonly host: string;
  /** 5672, or 5671 with TLS. */
  readonly port: number;
  /** `amqps`. */
  readonly tls: boolean;
  /** Percent-decoded; `/` when the URL names none. */
  readonly vhost: string;
  readonly username: string;
  readonly password: string;
  /** SASL mechanism: `auth_mechanism`, default `plain`. With `external` the certificate says who we are. */
  readonly authMechanism: BrokerAuthMechanism;
  /** Attempts of the first connection, at least 1 (default): `connection_attempts`. */
  readonly connectionAttempts: number;
  /** Between two of them, in milliseconds: `retry_delay`, default 2 s. */
  readonly retryDelayMs: number;
  /** Seconds; 0: none is asked for (default 10). */
  readonly heartbeatSeconds: number;
  /** From the first packet to the end of the handshake: `connection_timeout`, `socket_timeout` or `stack_timeout`, default 10 s. */
  readonly connectTimeoutMs: number;
  /** How long a blocked connection is waited for: `blocked_connection_timeout`, default 5 s. */
  readonly blockedTimeoutMs: number;
  /** `undefined`: what the broker says. */
  readonly channelMax: number | undefined;
  /** Bytes, at least 8192; default 131072. */
  readonly frameMax: number;
  readonly locale: string | undefined;
  /** Paths, and the name to check the certificate against. */
  readonly tlsFiles: BrokerTlsFiles;
  /** Options of the URL without effect: one sentence each, for the log. */
  readonly warnings: readonly string[];
}

export type BrokerAuthMechanism = "plain" | "amqplain" | "external";

export interface BrokerTlsFiles {
  readonly caPath: string | undefined;
  readonly certPath: string | undefined;
  readonly keyPath: string | undefined;
  readonly serverName: string | undefined;
}
