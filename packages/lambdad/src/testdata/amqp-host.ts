import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { type Invocation, type InvokeResult, payloadOf, payloadText } from "@lambdad/core";
import {
  AmqpDoor,
  type FunctionQueue,
  parseAddress,
  parseBrokerUri,
  type QueueTopology,
  topologyOf,
} from "@lambdad/invoke-amqp";
import { brokerUri } from "@lambdad/testkit";

/** A host of a function behind a queue, in this process. */
export interface AmqpHost {
  readonly uri: string;
  /** Of the function and its queue: nobody else's. */
  readonly name: string;
  /** What came, in order. */
  readonly invocations: readonly Invocation[];
  readonly door: AmqpDoor;
}

export interface AmqpHostOptions {
  /** Default: `compat`. */
  readonly profile?: FunctionQueue["profile"];
  /** Default: 1000. */
  readonly prefetch?: number;
  /** Default: the one that the tests share. */
  readonly uri?: string;
  /** Default: a new one. */
  readonly name?: string;
}

/** What the function of a host does: a text is its response, what it throws refuses. */
export type Answer = (
  event: string,
  invocation: Invocation,
) => string | InvokeResult | Promise<string | InvokeResult>;

/** Starts a host whose function answers; its queue and it end with the test. */
export async function startAmqpHost(
  t: TestContext,
  answer: Answer,
  { profile = "compat", prefetch = 1_000, uri, name = queueName() }: AmqpHostOptions = {},
): Promise<AmqpHost> {
  const broker = uri ?? (await brokerUri());
  const invocations: Invocation[] = [];
  const door = new AmqpDoor({
    broker: parseBrokerUri(broker),
    function: {
      name,
      version: "$LATEST",
      region: "us-east-1",
      accountId: "012345678912",
      handler: "",
      memorySizeMb: 128,
      timeoutMs: 3_000,
    },
    queue: { name, profile },
    ...(profile === "compat" ? {} : { topology: expiringTopology(name, profile) }),
    prefetch,
    invoker: {
      invoke: async (invocation) => {
        invocations.push(invocation);
        const result = await answer(payloadText(invocation.payload), invocation);
        return typeof result === "string" ? returned(result) : result;
      },
    },
  });
  await door.start("required");
  t.after(() => door.stop(0));
  return { uri: broker, name, invocations, door };
}

/** A queue that outlives its consumers, but not for long. */
function expiringTopology(name: string, profile: "durable" | "quorum"): QueueTopology {
  const type = profile === "quorum" ? "quorum" : "classic";
  const declare = {
    queue: name,
    durable: true,
    arguments: { "x-expires": 60_000, "x-queue-type": type },
  };
  const options = JSON.stringify({ node: { "x-declare": declare } });
  return topologyOf(parseAddress(`${name}; ${options}`));
}

/** A function's name that no other test has. */
export function queueName(): string {
  return `lambdad-test-${randomBytes(6).toString("hex")}`;
}

const common = { contentType: "application/json", executedVersion: "$LATEST", logTail: undefined };

export function returned(text: string): InvokeResult {
  return { ...common, kind: "returned", payload: payloadOf(Buffer.from(text)) };
}

export function failed(text: string): InvokeResult {
  const payload = payloadOf(Buffer.from(text));
  return { ...common, kind: "failed", payload, errorType: "Unhandled" };
}
