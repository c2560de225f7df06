import { findBrokerServer, startBroker } from "@lambdad/testkit";
import { buildPikaPython } from "../runtime/builds.ts";
import { type AmqpPairsOptions, amqpPairs } from "./amqp-pairs.ts";
import type { AmqpBench } from "./measure-amqp.ts";

/** A broker of our own, and the pairs around it. */
export interface StartedAmqp extends AmqpBench {
  stop(): Promise<void>;
}

export interface StartAmqpOptions extends Omit<AmqpPairsOptions, "uri" | "pikaPython"> {
  /** Takes a line about what is not measured. */
  readonly tell: (text: string) => void;
}

/** Starts a private broker and finds what the pairs need. Without RabbitMQ there are no pairs. */
export async function startAmqp({ tell, ...options }: StartAmqpOptions): Promise<StartedAmqp> {
  if (findBrokerServer() === undefined) {
    tell("Not measured: AMQP: rabbitmq-server is not installed");
    return { uri: "", brokerPid: undefined, pairs: [], stop: async () => {} };
  }
  const python = buildPikaPython();
  if (python.kind === "absent") tell(`Not measured: pika: ${python.reason}`);
  const pikaPython = python.kind === "built" ? python.path : undefined;
  const broker = await startBroker();
  const { uri, pid: brokerPid } = broker;
  const pairs = amqpPairs({ ...options, pikaPython, uri });
  return { uri, brokerPid, pairs, stop: () => broker.stop() };
}

/** Ends the broker, if one was started. What kept it from starting has been told. */
export async function stopAmqp(started: Promise<StartedAmqp> | undefined): Promise<void> {
  const amqp = await started?.catch(() => undefined);
  await amqp?.stop();
}
