import { rogueRuntime, testInvoker } from "@lambdad/testkit";
import { openPool } from "../testdata/pool-fixture.ts";

testInvoker("EnvironmentPool with one runtime for each invocation", async () => {
  const options = { environmentsMax: 4, timeoutMs: 3_000, waitMsMax: 20_000, waitingMax: 200 };
  const { pool } = await openPool(rogueRuntime("contract"), options);
  const { environmentsMax: concurrency, timeoutMs } = options;
  return { invoker: pool, concurrency, timeoutMs, stop: () => pool.stop(0) };
});

testInvoker(
  "EnvironmentPool with several invocations in one runtime",
  async () => {
    const options = { concurrency: 8, timeoutMs: 3_000, waitMsMax: 20_000, waitingMax: 200 };
    const { pool } = await openPool(rogueRuntime("contract", "8"), options);
    return { invoker: pool, concurrency: 8, timeoutMs: 3_000, stop: () => pool.stop(0) };
  },
  // Lines of several invocations at once cannot be told apart unless they carry a request id.
  { lacks: ["log-tail"] },
);
