import type { Host } from "./host.ts";
import type { Runtime } from "./runtimes.ts";

export interface ScenarioFixture {
  readonly host: Host;
  readonly runtime: Runtime;
}

/** One promise to every runtime. */
export interface RuntimeScenario {
  /** Names it in known-differences.ts. */
  readonly id: string;
  readonly title: string;
  /** Scenarios with the same variables share one host, in their order here. */
  readonly env?: Readonly<Record<string, string>>;
  /** The runtime's streaming entry serves it. */
  readonly entry?: "stream";
  /** Why it makes no sense for this runtime. */
  readonly skip?: (runtime: Runtime) => string | false;
  run(fixture: ScenarioFixture): Promise<void>;
}
