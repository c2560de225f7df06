import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { type Invocation, type Invoker, type InvokeResult, payloadOf } from "@lambdad/core";
import { type Broker, brokerUri } from "@lambdad/testkit";
import {
  type Channel,
  type ChannelModel,
  type ConsumeMessage,
  connect,
  type Options,
} from "amqplib";
import { AmqpDoor } from "../host/amqp-door.ts";
import type { AmqpDoorOptions } from "../host/amqp-door-options.ts";
import type { BrokerFault, BrokerState } from "../broker/broker-state.ts";
import { parseBrokerUri } from "../broker/parse-broker-uri.ts";

export const configuration = {
  name: "echo",
  version: "$LATEST",
  region: "us-east-1",
  accountId: "123456789012",
  handler: "",
  memorySizeMb: 128,
  timeoutMs: 3_000,
};

/** A name that no other test uses: the broker is shared. */
export function uniqueName(what = "function"): string {
  return `test.${what}.${randomUUID()}`;
}

const endings = new WeakMap<TestContext, (() => unknown)[]>();

/**
 * Runs at the end of the test, the last one first: a host has to end before its queue can be removed, and
 * that before the connection that removes it.
 */
export function atEnd(t: TestContext, work: () => unknown): void {
  const known = endings.get(t);
  const works = known ?? [];
  works.push(work);
  if (known !== undefined) return;
  endings.set(t, works);
  t.after(async () => {
    // One after the other.
    // oxlint-disable-next-line no-await-in-loop
    for (const each of works.toReversed()) await each();
  });
}

type Script = (invocation: Invocation, signal: AbortSignal) => Promise<InvokeResult> | InvokeResult;

/** Does what the test tells it to. By default it returns the event. */
export class ScriptedInvoker implements Invoker {
  readonly invocations: Invocation[] = [];
  script: Script = ({ payload }) => returned(payload);

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    this.invocations.push(invocation);
    return this.script(invocation, signal);
  }
}

const common = { executedVersion: "$LATEST", logTail: undefined };

export function returned(
  body: string | Invocation["payload"],
  contentType = "application/json",
): InvokeResult {
  const payload = typeof body === "string" ? payloadOf(body) : body;
  return { ...common, kind: "returned", payload, contentType };
}

export function failed(body: string, errorType = "Error"): InvokeResult {
  const contentType = "application/json";
  return { ...common, kind: "failed", payload: payloadOf(body), contentType, errorType };
}

/** A door on a queue of its own, and everything that it says. */
export class DoorFixture {
  readonly door: AmqpDoor;
  readonly queue: string;
  readonly invoker: ScriptedInvoker;
  readonly faults: BrokerFault[] = [];
  readonly states: BrokerState["kind"][] = [];
  readonly refused: string[] = [];
  readonly eventsFailed: (readonly [errorType: string, kept: boolean])[] = [];
  consuming = 0;
  redelivered = 0;
  repliesReturned = 0;

  constructor(uri: string, options: Partial<AmqpDoorOptions> = {}) {
    const name = options.topology?.queue.name ?? options.queue?.name ?? uniqueName();
    this.queue = name;
    this.invoker = new ScriptedInvoker();
    this.door = new AmqpDoor({
      broker: parseBrokerUri(uri),
      function: { ...configuration, name },
      queue: { name },
      invoker: this.invoker,
      prefetch: 1,
      observer: {
        fault: (fault) => this.faults.push(fault),
        stateChanged: ({ kind }) => this.states.push(kind),
        refused: (reason) => this.refused.push(reason),
        eventFailed: (_, errorType, kept) => this.eventsFailed.push([errorType, kept]),
        consuming: () => (this.consuming += 1),
        redelivered: () => (this.redelivered += 1),
        replyReturned: () => (this.repliesReturned += 1),
      },
      ...options,
    });
  }

  /** Started, and ended with the test. */
  static async start(
    t: TestContext,
    options: Partial<AmqpDoorOptions> & { readonly uri?: string } = {},
  ): Promise<DoorFixture> {
    const { uri = await brokerUri(), ...rest } = options;
    const fixture = new DoorFixture(uri, rest);
    atEnd(t, () => fixture.door.kill());
    await fixture.door.start("required");
    return fixture;
  }
}

/** A client that knows nothing of ours: the bare library. */
export class AmqpPeer {
  readonly connection: ChannelModel;
  readonly channel: Channel;
  readonly replyTo: string;
  readonly replies: ConsumeMessage[] = [];
  readonly returns: ConsumeMessage[] = [];
  readonly #waiting = new Map<string, PromiseWithResolvers<ConsumeMessage>>();

  private constructor(connection: ChannelModel, channel: Channel, replyTo: string) {
    this.connection = connection;
    this.channel = channel;
    this.replyTo = replyTo;
  }

  /** With a reply queue of its own; ends with the test. */
  static async connect(
    t: TestContext,
    options: { readonly uri?: string; readonly replyQueue?: Options.AssertQueue } = {},
  ): Promise<AmqpPeer> {
    const { replyQueue = { exclusive: true, autoDelete: true, durable: false } } = options;
    const connection = await connect(options.uri ?? (await brokerUri()));
    atEnd(t, () => connection.close().catch(() => undefined));
    connection.on("error", () => undefined);
    const channel = await connection.createChannel();
    channel.on("error", () => undefined);
    const { queue } = await channel.assertQueue("", replyQueue);
    const connected = new AmqpPeer(connection, channel, queue);
    channel.on("return", (message: ConsumeMessage) => connected.returns.push(message));
    channel.on("close", () => connected.#fail());
    await channel.consume(queue, (message) => connected.#take(message), { noAck: true });
    return connected;
  }

  /** Publishes a request, and waits for the reply with its correlation id. */
  request(
    queue: string,
    body: string | Buffer,
    options: Options.Publish = {},
  ): Promise<ConsumeMessage> {
    const correlationId = options.correlationId ?? randomUUID();
    const waiting = Promise.withResolvers<ConsumeMessage>();
    this.#waiting.set(correlationId, waiting);
    this.publish(queue, body, { replyTo: this.replyTo, correlationId, ...options });
    return waiting.promise;
  }

  /** Publishes as given, without a content type of its own. */
  publish(queue: string, body: string | Buffer, options: Options.Publish = {}): void {
    this.channel.publish("", queue, Buffer.from(body), options);
  }

  /** Messages that wait in a queue; `undefined` when there is no such queue. */
  async ready(queue: string): Promise<number | undefined> {
    const channel = await this.connection.createChannel();
    channel.on("error", () => undefined);
    try {
      const { messageCount } = await channel.checkQueue(queue);
      await channel.close();
      return messageCount;
    } catch {
      return undefined;
    }
  }

  /** Removes queues that do not go by themselves. */
  async remove(...queues: readonly string[]): Promise<void> {
    const channel = await this.connection.createChannel();
    await Promise.all(queues.map((queue) => channel.deleteQueue(queue)));
    await channel.close();
  }

  #take(message: ConsumeMessage | null): void {
    if (message === null) return;
    this.replies.push(message);
    const id = String(message.properties.correlationId);
    this.#waiting.get(id)?.resolve(message);
    this.#waiting.delete(id);
  }

  #fail(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error("The peer's channel ended"));
    this.#waiting.clear();
  }
}

/** The body of a message as text. */
export function textOfBody({ content }: ConsumeMessage): string {
  return content.toString();
}

/** The error in the body of a reply. */
export function errorOf(message: ConsumeMessage): { errorType: string; errorMessage: string } {
  return JSON.parse(message.content.toString()) as { errorType: string; errorMessage: string };
}

/** Has a private broker close the connections whose names contain `name`. Resolves with their number. */
export async function closeConnectionsOf(broker: Broker, name: string): Promise<number> {
  return (await broker.evaluate(`length([rabbit_networking:close_connection(Pid, <<"test">>)
    || Pid <- rabbit_networking:connections(),
    [{_, Properties}] <- [rabbit_networking:connection_info(Pid, [client_properties])],
    {<<"connection_name">>, _, Name} <- Properties,
    binary:match(Name, <<"${name}">>) =/= nomatch])`)) as number;
}

/** A promise that a script waits for, and the test fulfils. */
export class Gate {
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers<void>();

  readonly opened: Promise<void> = this.#opened.promise;

  open(): void {
    this.#opened.resolve();
  }
}
