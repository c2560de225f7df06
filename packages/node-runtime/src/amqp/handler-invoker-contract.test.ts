import { type InvokerFixture, testInvoker } from "@lambdad/testkit";
import { defineAwslambda } from "../awslambda.ts";
import { InvocationScope } from "../invocation-scope.ts";
import type { Handler } from "../load-handler.ts";
import { HandlerInvoker } from "./handler-invoker.ts";
import { testEnvironment } from "./testdata/test-invokers.ts";
import { handler } from "./testdata/contract-handler.mjs";

const timeoutMs = 2000;

const streamHandler = await streamingContractHandler();

/** Nothing waits here, and nothing can be ended: the handler runs in the process of the test. */
function fixtureOf(contractHandler: Handler): () => Promise<InvokerFixture> {
  return async () => ({
    invoker: new HandlerInvoker({
      handler: contractHandler,
      timeoutMs,
      environment: testEnvironment,
      scope: new InvocationScope(true),
      logError: () => undefined,
      timedOut: () => undefined,
    }),
    timeoutMs,
    stop: async () => undefined,
  });
}

testInvoker("HandlerInvoker", fixtureOf(handler), {
  lacks: ["raw-errors", "stream", "exit", "log-tail"],
});
testInvoker("HandlerInvoker of a handler that streams", fixtureOf(streamHandler), {
  lacks: ["raw-errors", "exit", "log-tail"],
});

/** Its module asks for AWS's global when it is loaded. */
async function streamingContractHandler(): Promise<Handler> {
  defineAwslambda({}, {});
  const url = new URL("../../../testkit/src/fixtures/contract-function.mjs", import.meta.url);
  const module = (await import(url.href)) as { readonly streamHandler: Handler };
  return module.streamHandler;
}
