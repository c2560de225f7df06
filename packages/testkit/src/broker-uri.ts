import { startBroker } from "./broker.ts";
import { brokerAnswers } from "./broker-probe.ts";

/** Where a broker of this machine listens when nobody says otherwise. */
export const localBrokerUri = "amqp://guest:guest@localhost:5672";

let uri: Promise<string> | undefined;

/**
 * The URI of a broker for a test that needs some broker and does not disturb it: `AMQP_URI` when it is
 * set (`npm test` sets it), else one that answers on localhost:5672, else a private one that ends with
 * this process. The same one for the whole process. Use queue names of your own with a random part.
 */
export function brokerUri(): Promise<string> {
  uri ??= findBroker(process.env["AMQP_URI"], localBrokerUri);
  return uri;
}

/** The first of: the one that is given, the local one if it answers, a private one. */
export async function findBroker(given: string | undefined, local: string): Promise<string> {
  if (given !== undefined && given !== "") return given;
  if (await brokerAnswers(local)) return local;
  return (await startBroker()).uri;
}
