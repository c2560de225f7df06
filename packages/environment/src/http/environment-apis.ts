import type { ExtensionsApi } from "../extensions/extensions-api.ts";
import type { RuntimeApi } from "../runtime/runtime-api.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** What answers the calls from inside an environment. */
export interface EnvironmentApis {
  readonly runtime: RuntimeApi;
  /** `undefined`: extensions are switched off, and their routes answer 404 as AWS's emulator's do. */
  readonly extensions: ExtensionsApi | undefined;
  readonly telemetry: Telemetry;
}
