import { installServices } from "./service-install.ts";
import { type ServiceNeeds, serviceNeeds } from "./service-needs.ts";

/** What runs beside the tests. */
export interface Services {
  /** Variables that tell the tests where it is. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface ServiceOptions {
  /** Where the broker of this machine is looked for. Default: localhost:5672. */
  readonly local?: string;
}

/**
 * Gives the tests the services that they need, and nothing when they need none: a broker when one of
 * them asks for `brokerUri()`. That is the user's own (`AMQP_URI`), else one that answers on
 * localhost:5672, else a private RabbitMQ, which is installed first when it is missing and we may.
 *
 * @throws {Error} when a broker is needed and there is none: it says what to install or to set.
 */
export async function startServices(
  files: readonly string[],
  env: NodeJS.ProcessEnv,
  { local }: ServiceOptions = {},
): Promise<Services> {
  const needs = serviceNeeds(files);
  if (!needs.broker && !needs.brokerServer) return { env: {}, stop: async () => {} };
  // Loaded only now: most runs of a single package need no service.
  const { brokerAnswers, localBrokerUri, startBroker } = await import("@lambdad/testkit");
  let uri = env["AMQP_URI"] ?? "";
  const localUri = local ?? localBrokerUri;
  if (uri === "" && needs.broker && (await brokerAnswers(localUri))) uri = localUri;
  await installBroker(needs, uri);
  if (!needs.broker || uri !== "") return servicesAt(uri);
  console.error("Starting RabbitMQ for the tests …");
  const broker = await startBroker();
  return { ...servicesAt(broker.uri), stop: async () => await broker.stop() };
}

/** Tests that start brokers of their own fail without RabbitMQ, one by one; the others need a broker. */
async function installBroker(needs: ServiceNeeds, uri: string): Promise<void> {
  const isNeeded = needs.broker && uri === "";
  if (!isNeeded && !needs.brokerServer) return;
  try {
    await installServices("rabbitmq-server");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (isNeeded) throw new Error(`${reason}, or set AMQP_URI`, { cause: error });
    console.error(`${reason}. Tests that start brokers of their own will fail.`);
  }
}

function servicesAt(uri: string): Services {
  const env: Record<string, string> = uri === "" ? {} : { AMQP_URI: uri };
  return { env, stop: async () => {} };
}
