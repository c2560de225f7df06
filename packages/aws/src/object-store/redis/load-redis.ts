import { ConfigurationError } from "../../client/errors.ts";

/** What a command is made of. Texts are sent as UTF-8. */
export type RedisArgument = string | Buffer;

/** What Redis answers, with RESP 2. */
export type RedisReply = string | Buffer | number | null | readonly RedisReply[];

/** How a reply is read. */
export interface ReplyOptions {
  readonly typeMapping: Readonly<Record<number, unknown>>;
}

/** The part of a client of the package `redis` that is used. */
export interface RedisClient {
  connect(): Promise<unknown>;
  sendCommand(args: readonly RedisArgument[], options?: ReplyOptions): Promise<RedisReply>;
  /** Ends it at once; what is under way fails. */
  destroy(): void;
  ref(): void;
  unref(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** Its options that are used. */
export interface RedisClientOptions {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly database: number;
  readonly RESP: 2;
  readonly disableOfflineQueue: true;
  readonly disableClientInfo: true;
  readonly maintNotifications: "disabled";
  readonly commandOptions: { readonly timeout: undefined };
  readonly socket: {
    readonly host: string;
    readonly port: number;
    readonly tls?: true | undefined;
    readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
    readonly rejectUnauthorized?: boolean | undefined;
    readonly connectTimeout: number;
    readonly reconnectStrategy: false;
  };
}

/** The part of the package `redis` that is used. */
export interface RedisModule {
  createClient(options: RedisClientOptions): RedisClient;
}

/** Blob strings come as buffers. `$` is their mark in the protocol. */
export const asBuffers: ReplyOptions = { typeMapping: { ["$".charCodeAt(0)]: Buffer } };

/** Loads the package; tests give their own. */
export type LoadRedis = () => Promise<RedisModule>;

const PACKAGE = "redis";

/** Loads the package `redis`, which is optional. @throws ConfigurationError when it is not installed. */
export async function loadRedis(load: LoadRedis = importRedis): Promise<RedisModule> {
  let module: Partial<RedisModule>;
  try {
    module = await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ConfigurationError(
      `Cannot use a Redis store: it needs the package "${PACKAGE}"; install it with "npm install ${PACKAGE}"`,
      { cause: error },
    );
  }
  if (typeof module.createClient === "function") return module as RedisModule;
  throw new ConfigurationError(
    `Cannot use a Redis store: the installed "${PACKAGE}" has no createClient; install a newer one with "npm install ${PACKAGE}@latest"`,
  );
}

function importRedis(): Promise<RedisModule> {
  // Not a literal: bundlers would want an optional package.
  const name: string = PACKAGE;
  return import(name) as Promise<RedisModule>;
}
