import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  connect,
  credentials,
} from "amqplib";
import { brokerErrorOf, reasonOf } from "./broker-error.ts";
import type { BrokerUri } from "./broker-uri.ts";
import { gatherWrites } from "./gather-writes.ts";
import { type FrameReader, tolerateHeaders } from "../message/tolerate-headers.ts";

/** Wait for the broker's answer when a connection is closed in order, in milliseconds. */
const closeMs = 2_000;

/** Names of queues that there are not. */
const nobodyPrefix = "lambdad.nobody.";

/**
 * Whether a message that came back is the one that a link was tried with. During an alarm it comes late,
 * when others are published already.
 */
export function isProbe(routingKey: string): boolean {
  return routingKey.startsWith(nobodyPrefix);
}

export interface BrokerLinkOptions {
  /** Shown by the broker. */
  readonly name: string;
  /** Ends the attempt to connect. */
  readonly signal: AbortSignal;
  /** The connection has ended, whoever ended it. Called once. */
  readonly onLost: (link: BrokerLink, reason: string) => void;
  /** The broker takes no messages any more, or again: see `blockedReason`. */
  readonly onBlocked: (link: BrokerLink) => void;
}

export interface ChannelOptions {
  /** Frames that are kept before `publish` returns `false`; twice as many at most. Default: 1024. */
  readonly highWaterMark?: number;
}

/** What a link is published on. */
export interface Publishing {
  readonly plain: Channel;
  readonly confirm: ConfirmChannel;
}

/** The socket inside the client library, which has no name for it in its types. */
interface WithStream {
  readonly stream: Duplex;
}

/**
 * One established connection. When one of its channels ends, so does the connection: whoever holds it
 * then makes a new one with everything on it, which is the only way back that is certain to be whole.
 */
export class BrokerLink {
  /** Version of the broker, e.g. `3.10.8`. */
  readonly version: string;
  readonly #model: ChannelModel;
  readonly #socket: Duplex;
  readonly #options: BrokerLinkOptions;
  readonly #channels: Channel[] = [];
  #closing = false;
  #lostReason: string | undefined;
  #blockedReason: string | undefined;

  private constructor(model: ChannelModel, options: BrokerLinkOptions) {
    this.#model = model;
    this.#options = options;
    this.#socket = (model.connection as unknown as WithStream).stream;
    gatherWrites(this.#socket);
    tolerateHeaders(model.connection as unknown as FrameReader);
    this.version = model.connection.serverProperties.version;
    model.on("error", (error) => this.#lost(reasonOf(error)));
    model.on("close", (error) => this.#lost(error === undefined ? "closed" : reasonOf(error)));
    model.on("blocked", (reason) => this.#blocked(reason));
    model.on("unblocked", () => this.#blocked(undefined));
    model.on("handler-error", (error) => this.fail(reasonOf(error)));
  }

  /** @throws {BrokerError} when there is no broker, or it refuses. */
  static async open(broker: BrokerUri, options: BrokerLinkOptions): Promise<BrokerLink> {
    try {
      return new BrokerLink(await openModel(broker, options), options);
    } catch (error) {
      throw brokerErrorOf(error, broker);
    }
  }

  /** Why the connection has ended; `undefined` while it lives. */
  get lostReason(): string | undefined {
    return this.#lostReason;
  }

  /** Why the broker takes no messages; `undefined` while it does (AM-6). */
  get blockedReason(): string | undefined {
    return this.#blockedReason;
  }

  /** A channel whose end is the end of the connection. */
  async openChannel(options: ChannelOptions = {}): Promise<Channel> {
    return this.#keep(await this.#model.createChannel(options));
  }

  /** The same, with publisher confirms. */
  async openConfirmChannel(): Promise<ConfirmChannel> {
    return this.#keep(await this.#model.createConfirmChannel());
  }

  /**
   * Channels to publish on, without confirms and with them, once it is known that the user may publish,
   * and whether the broker takes messages now: it tells of an alarm only when it is sent something.
   */
  async openPublishing(options: ChannelOptions = {}): Promise<Publishing> {
    const plain = await this.openChannel(options);
    const confirm = await this.openConfirmChannel();
    // Last: during an alarm nothing is read from the connection any more.
    await this.#probe(confirm);
    return { plain, confirm };
  }

  /** Runs `work` with a channel of its own, which may end in an error without consequences. */
  async withChannel<Result>(work: (channel: Channel) => Promise<Result>): Promise<Result> {
    const channel = await this.#model.createChannel();
    const ended = new Promise<void>((resolve) => channel.once("close", resolve));
    let open = true;
    // Without a listener for its errors a channel takes the connection with it (AM-7).
    channel.on("error", () => undefined);
    channel.on("close", () => (open = false));
    try {
      return await work(channel);
    } finally {
      // When the connection ends meanwhile, nobody answers to the library.
      if (open) await Promise.race([channel.close().catch(() => undefined), ended]);
    }
  }

  /** Gives the connection up: something on it does not work. */
  fail(reason: string): void {
    this.#lost(reason);
  }

  /** Ends the connection in order: what was published before has been read by the broker then. */
  async close(): Promise<void> {
    if (this.#closing || this.#lostReason !== undefined) return;
    this.#closing = true;
    const channels = this.#channels.map((channel) => channel.close());
    const closing = Promise.all(channels).then(() => this.#model.close());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMs);
    });
    await Promise.race([closing.catch(() => undefined), late]);
    clearTimeout(timer);
    this.#lost("closed");
  }

  /** Publishes to a queue that there is not. A refusal ends the channel, and with it the connection. */
  #probe(channel: ConfirmChannel): Promise<void> {
    return new Promise((resolve) => {
      this.#model.once("blocked", () => resolve());
      const nobody = `${nobodyPrefix}${randomUUID()}`;
      // An alarm is looked at when a body comes, so it has one.
      channel.publish("", nobody, Buffer.from("?"), { mandatory: true }, (error: unknown) => {
        if (error === null || error === undefined) resolve();
      });
    });
  }

  #keep<Kind extends Channel>(channel: Kind): Kind {
    this.#channels.push(channel);
    channel.on("error", (error) => this.#lost(reasonOf(error)));
    channel.on("handler-error", (error) => this.#lost(reasonOf(error)));
    channel.on("close", () => {
      if (this.#closing) return;
      // When the whole connection ends, its channels go first, and the reason comes after them.
      queueMicrotask(() => this.#lost("the broker closed a channel"));
    });
    return channel;
  }

  #blocked(reason: string | undefined): void {
    this.#blockedReason = reason;
    this.#options.onBlocked(this);
  }

  #lost(reason: string): void {
    if (this.#lostReason !== undefined) return;
    this.#lostReason = reason;
    // Without an error the library would not notice: its heartbeats would go on, and its calls wait.
    const { stream } = this.#model.connection as unknown as WithStream;
    stream.destroy(new Error(reason));
    this.#options.onLost(this, reason);
  }
}

async function openModel(
  broker: BrokerUri,
  { name, signal: ending }: Pick<BrokerLinkOptions, "name" | "signal">,
): Promise<ChannelModel> {
  const { caPath, certPath, keyPath, serverName } = broker.tlsFiles;
  // One after another: of several that are missing the first is told.
  const ca = await contentOf(caPath);
  const cert = await contentOf(certPath);
  const key = await contentOf(keyPath);
  const mechanism = saslOf(broker);
  const place = {
    protocol: broker.tls ? "amqps" : "amqp",
    hostname: broker.host,
    port: broker.port,
    username: broker.username,
    password: broker.password,
    vhost: encodeURIComponent(broker.vhost),
    heartbeat: broker.heartbeatSeconds,
    frameMax: broker.frameMax,
    ...(broker.channelMax === undefined ? {} : { channelMax: broker.channelMax }),
    ...(broker.locale === undefined ? {} : { locale: broker.locale }),
  };
  const socketOptions = {
    ...(mechanism === undefined ? {} : { credentials: mechanism }),
    noDelay: true,
    clientProperties: { connection_name: name, product: "lambdad" },
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
  return inTime(broker.connectTimeoutMs, ending, (signal) => {
    // An option of Node's sockets that the library passes on and does not name.
    const options = { ...socketOptions, signal };
    return connect(place, options);
  });
}

/**
 * Opens a socket and waits for what is to be heard from it. The library's own limit is that of a silence: a
 * peer that sends a byte now and then would hold it up for ever.
 */
async function inTime<Result>(
  limitMs: number,
  ending: AbortSignal,
  open: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  ending.throwIfAborted();
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  const timer = setTimeout(leave, limitMs);
  ending.addEventListener("abort", leave);
  try {
    return await open(leaving.signal);
  } catch (error) {
    ending.throwIfAborted();
    throw leaving.signal.aborted ? new Error(`no answer within ${limitMs} ms`) : error;
  } finally {
    clearTimeout(timer);
    ending.removeEventListener("abort", leave);
  }
}

type Sasl = ReturnType<typeof credentials.external>;

/** `undefined`: PLAIN, which the library does by itself. */
function saslOf({ authMechanism, username, password }: BrokerUri): Sasl | undefined {
  if (authMechanism === "external") return credentials.external();
  return authMechanism === "amqplain" ? credentials.amqplain(username, password) : undefined;
}

async function contentOf(path: string | undefined): Promise<Buffer | undefined> {
  return path === undefined ? undefined : readFile(path);
}
