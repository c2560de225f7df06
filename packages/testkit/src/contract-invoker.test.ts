import { ContractInvoker } from "./contract-invoker.ts";
import { testInvoker } from "./invoker-contract.ts";

testInvoker(
  "ContractInvoker",
  async () => {
    const options = { concurrency: 4, timeoutMs: 500 };
    return { invoker: new ContractInvoker(options), ...options, stop: async () => {} };
  },
  { lacks: ["exit"] },
);
