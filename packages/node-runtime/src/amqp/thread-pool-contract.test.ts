import { testInvoker } from "@lambdad/testkit";
import { testEnvironment } from "./testdata/test-invokers.ts";
import { ThreadPool } from "./thread-pool.ts";

// The threads' own reports of what the suite makes them do.
process.env["AWS_LAMBDA_LOG_LEVEL"] = "FATAL";
const concurrency = 2;
const timeoutMs = 1500;

testInvoker(
  "ThreadPool",
  async () => {
    const pool = new ThreadPool({
      settings: {
        url: new URL("./testdata/contract-handler.mjs", import.meta.url).href,
        handlerName: "handler",
        environment: testEnvironment,
      },
      threads: 2,
      concurrency,
      timeoutMs,
      timedOut: () => undefined,
      threadEnded: () => undefined,
    });
    await pool.start();
    return { invoker: pool, concurrency, timeoutMs, stop: async () => pool.close() };
  },
  { lacks: ["raw-errors", "stream", "log-tail"] },
);
