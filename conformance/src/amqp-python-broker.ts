import { test } from "node:test";
import { brokerUri } from "@lambdad/testkit";

/**
 * The URI of a broker for these tests: the testkit's. Without one, and without RabbitMQ to start one,
 * the result is undefined and there is a skip that says what to install; with `CI=true` a failure.
 */
export async function prepareBroker(): Promise<string | undefined> {
  try {
    return await brokerUri();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const skip = process.env["CI"] === "true" ? false : reason;
    test("there is a broker", { skip }, () => {
      throw error;
    });
    return undefined;
  }
}
