import { ContractInvoker, testInvoker } from "@lambdad/testkit";
import { HttpInvoker } from "./http-invoker.ts";
import { InvokeDoor } from "./invoke-door.ts";
import { singleFunctionResolver } from "./single-function.ts";

const configuration = {
  name: "contract",
  version: "$LATEST",
  region: "us-east-1",
  accountId: "012345678912",
  handler: "",
  memorySizeMb: 128,
  timeoutMs: 500,
};

testInvoker(
  "HttpInvoker before an InvokeDoor",
  async () => {
    const options = { concurrency: 4, timeoutMs: 500 };
    const door = new InvokeDoor({
      invoker: new ContractInvoker(options),
      resolve: singleFunctionResolver(configuration),
    });
    const { host, port } = await door.listen({ host: "127.0.0.1", port: 0 });
    const invoker = new HttpInvoker({ endpoint: `http://${host}:${port}` });
    return {
      invoker,
      ...options,
      stop: async () => {
        await invoker.close();
        await door.close();
      },
    };
  },
  { lacks: ["exit"] },
);
