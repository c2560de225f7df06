import { type InvokerFixture, testInvoker } from "@lambdad/testkit";
import { testEnvironment } from "./testdata/test-invokers.ts";
import { ThreadPool } from "./thread-pool.ts";

// The threads' own reports of what the suite makes them do.
process.env["AWS_LAMBDA_LOG_LEVEL"] = "FATAL";
const concurrency = 2;
const timeoutMs = 1500;

const contractFunction = "../../../testkit/src/fixtures/contract-function.mjs";

function fixtureOf(module: string, handlerName: string): () => Promise<InvokerFixture> {
  return async () => {
    const pool = new ThreadPool({
      settings: {
        url: new URL(module, import.meta.url).href,
        handlerName,
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
  };
}

testInvoker("ThreadPool", fixtureOf("./testdata/contract-handler.mjs", "handler"), {
  lacks: ["raw-errors", "stream", "log-tail"],
});
testInvoker("ThreadPool of a handler that streams", fixtureOf(contractFunction, "streamHandler"), {
  lacks: ["raw-errors", "log-tail"],
});
