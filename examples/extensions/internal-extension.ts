// An internal extension: it lives in the function's process, and measures how long the handlers keep
// Node from doing anything else. Load it with `import "./internal-extension.ts"` in the function, or
// without changing the function by `wrapper.sh`.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
import { ExtensionsApi, ExtensionsApiError } from "./client/extensions-api.ts";

/** Of our choice; one that is no file in /opt/extensions makes an extension internal. */
const name = "event-loop-delay";

async function register(api: ExtensionsApi): Promise<boolean> {
  try {
    // Internal extensions cannot have SHUTDOWN: they get SIGTERM.
    await api.register(name, ["INVOKE"]);
    return true;
  } catch (error) {
    // A process that the function has started loads this module too. It is not the runtime.
    const isLate =
      error instanceof ExtensionsApiError &&
      ["Extension.RegistrationClosed", "Extension.InvalidExtensionState"].includes(error.errorType);
    if (isLate) return false;
    throw error;
  }
}

async function handleEvents(api: ExtensionsApi): Promise<never> {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let count = 0;
  process.once("SIGTERM", () => {
    const longestMs = delay.max / 1e6;
    console.log(`[${name}] invocations: ${count}, longest delay: ${longestMs.toFixed(0)} ms`);
    process.exit(0);
  });
  for (;;) {
    const event = await api.next();
    if (event.eventType === "INVOKE") count += 1;
  }
}

/** What goes wrong here must not stay unnoticed: it ends the environment, as on AWS. */
async function fail(api: ExtensionsApi, error: unknown): Promise<never> {
  console.error(`[${name}]`, error);
  await api.fail("Extension.EventLoopDelayFailed", error);
  process.exit(1);
}

const address = process.env["AWS_LAMBDA_RUNTIME_API"];
if (address !== undefined && isMainThread) {
  const api = new ExtensionsApi(address);
  // Awaited: registration ends with the runtime's first call of next, which comes after all imports.
  if (await register(api).catch((error: unknown) => fail(api, error))) {
    handleEvents(api).catch((error: unknown) => fail(api, error));
  }
}
