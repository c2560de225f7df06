import { testInvoker } from "@lambdad/testkit";
import { InvocationScope } from "../invocation-scope.ts";
import { HandlerInvoker } from "./handler-invoker.ts";
import { testEnvironment } from "./testdata/test-invokers.ts";
import { handler } from "./testdata/contract-handler.mjs";

const timeoutMs = 2000;

/** Nothing waits here, and nothing can be ended: the handler runs in the process of the test. */
testInvoker(
  "HandlerInvoker",
  async () => ({
    invoker: new HandlerInvoker({
      handler,
      timeoutMs,
      environment: testEnvironment,
      scope: new InvocationScope(true),
      logError: () => undefined,
      timedOut: () => undefined,
    }),
    timeoutMs,
    stop: async () => undefined,
  }),
  { lacks: ["raw-errors", "stream", "exit", "log-tail"] },
);
