import { brokerUri, ContractInvoker, testInvoker } from "@lambdad/testkit";
import { AmqpDoor } from "../host/amqp-door.ts";
import { AmqpInvoker } from "./amqp-invoker.ts";
import { configuration, uniqueName } from "../testdata/broker-fixture.ts";
import { parseBrokerUri } from "../broker/parse-broker-uri.ts";
import { connect } from "./connect.ts";

testInvoker(
  "AmqpInvoker before an AmqpDoor",
  async () => {
    const uri = await brokerUri();
    const options = { concurrency: 4, timeoutMs: 500 };
    const name = uniqueName("contract");
    const door = new AmqpDoor({
      broker: parseBrokerUri(uri),
      // The ARN as the suite gives it.
      function: { ...configuration, name, accountId: "012345678912" },
      invoker: new ContractInvoker(options),
      prefetch: options.concurrency,
    });
    await door.start("required");
    const client = await connect(uri);
    return {
      invoker: new AmqpInvoker({ client }),
      functionName: name,
      ...options,
      stop: async () => {
        await client.close();
        await door.stop(1_000);
      },
    };
  },
  // A message cannot be called back.
  { lacks: ["exit", "recall"] },
);
