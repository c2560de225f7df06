#!/usr/bin/env node
// An external extension: it counts invocations and says so when the environment ends.
import { basename } from "node:path";
import { ExtensionsApi } from "../client/extensions-api.ts";

// AWS wants the complete name of the file.
const name = basename(process.argv[1] ?? "");
const api = new ExtensionsApi(process.env["AWS_LAMBDA_RUNTIME_API"] ?? "");
const terminated = new AbortController();
process.once("SIGTERM", () => terminated.abort());

let count = 0;

/** Handles events until the environment ends; returns the reason. */
async function handleEvents(): Promise<string> {
  for (;;) {
    const event = await api.next(terminated.signal);
    if (event.eventType === "SHUTDOWN") return event.shutdownReason;
    if (event.eventType === "INVOKE") {
      count += 1;
      console.log(`[${name}] invocation ${count} is ${event.requestId}`);
    }
    // The environment is free for the next invocation when the function and this loop are back in next.
  }
}

try {
  await api.register(name, ["INVOKE", "SHUTDOWN"]);
  console.log(`[${name}] end: ${await handleEvents()}, invocations: ${count}`);
} catch (error) {
  if (terminated.signal.aborted) console.log(`[${name}] end: SIGTERM, invocations: ${count}`);
  else {
    console.error(`[${name}]`, error);
    await api.fail("Extension.InvocationCountFailed", error);
    process.exitCode = 1;
  }
} finally {
  api.close();
}
