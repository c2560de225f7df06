import { resolve } from "node:path";
import type { FunctionConfiguration, Invocation, Invoker, InvokeResult } from "@lambdad/core";
import {
  EnvironmentPool,
  type PoolCounts,
  type PoolObserver,
  renderPlatformLine,
} from "@lambdad/environment";
import type {
  HostedFunctionConfiguration,
  LogConfiguration,
} from "../configuration/daemon-configuration.ts";
import type { Address } from "../configuration/option-rule.ts";
import { FileWatch } from "./file-watch.ts";
import type { FunctionCommand } from "./function-command.ts";
import type { HostOutput } from "./host-output.ts";
import { ListenError } from "./listen-error.ts";
import type { Metrics } from "./metrics.ts";
import { limitLauncher } from "./resources.ts";
import { startCommand } from "./start-command.ts";

export interface FunctionHostOptions {
  readonly configuration: HostedFunctionConfiguration;
  readonly log: LogConfiguration;
  /** Where the Runtime API of the first environment listens. */
  readonly runtimeApi: Address;
  readonly function: FunctionCommand;
  /** The variables that the function inherits. */
  readonly inherited: Readonly<Record<string, string>>;
  readonly output: HostOutput;
  /** Asked at each use: they are loaded late, or never. */
  readonly metrics: () => Metrics | undefined;
}

/** One function of this machine: its pool of environments, with its output, log and metrics. */
export class FunctionHost implements Invoker {
  readonly #options: FunctionHostOptions;
  readonly #pool: EnvironmentPool;
  #watch: FileWatch | undefined;

  constructor(options: FunctionHostOptions) {
    this.#options = options;
    this.#pool = this.#makePool();
  }

  /** The function. */
  get configuration(): FunctionConfiguration {
    return this.#options.configuration.function;
  }

  /** Invocations that it runs at once, at most. */
  get concurrency(): number {
    const { environmentsMax, concurrencyEach } = this.#options.configuration.environments;
    return environmentsMax * concurrencyEach;
  }

  get counts(): PoolCounts {
    return this.#pool.counts;
  }

  /** Request ids of the invocations that run. */
  get requestIds(): readonly string[] {
    return this.#pool.requestIds;
  }

  /** `host:port` of the first environment's Runtime API. */
  get runtimeApiAddress(): string {
    return this.#pool.runtimeApiAddress;
  }

  /**
   * Opens the Runtime API of the first environment. Starts no process: the first invocation does.
   *
   * @throws {ListenError} when its address cannot be listened on.
   */
  async start(): Promise<void> {
    try {
      await this.#pool.start();
    } catch (error) {
      throw new ListenError("Runtime API", this.#options.runtimeApi, error);
    }
  }

  /** Ends what an earlier process of ours that was killed has left running (HO-1). */
  killLeftovers(): void {
    this.#pool.killLeftovers();
  }

  invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    return this.#pool.invoke(invocation, signal);
  }

  /** Replaces the environments when the function's files change, from now on. */
  watch(): void {
    const { log } = this.#options.output;
    const { watchFolder } = this.#options.function;
    this.#watch = new FileWatch(watchFolder, (path) => {
      log.write("info", "watch.changed", "The function has changed: new environments", { path });
      this.#pool.renew();
    });
    log.write("info", "watch.started", `Watching ${watchFolder}`);
    this.#watch.start((error) => {
      log.write("error", "watch.failed", `Cannot watch '${watchFolder}': ${error.message}`);
    });
  }

  /** What runs may finish within `drainMs`. Resolves when all processes have ended. */
  stop(drainMs: number): Promise<void> {
    this.#watch?.stop();
    return this.#pool.stop(drainMs);
  }

  /** Ends all processes now. */
  kill(): void {
    this.#pool.kill();
  }

  #makePool(): EnvironmentPool {
    const { configuration, function: target, inherited, log, runtimeApi } = this.#options;
    const { environments, queue } = configuration;
    return new EnvironmentPool({
      environment: {
        configuration: configuration.function,
        command: startCommand(target, inherited),
        inherited,
        taskRoot: target.taskRoot,
        concurrency: environments.concurrencyEach > 1 ? environments.concurrencyEach : undefined,
        extensionsDir: resolve(environments.extensionsDir),
        initTimeoutMs: environments.initTimeoutMs,
        memoryEnforced: configuration.memoryEnforced,
        logFormat: log.functionFormat,
        logLineBytesMax: environments.logLineBytesMax,
        launcher: limitLauncher(),
      },
      environmentsMax: environments.environmentsMax,
      waitingMax: queue.waitingMax,
      waitMsMax: queue.waitMsMax,
      idleTimeoutMs: environments.idleTimeoutMs,
      runtimeApi,
      observer: this.#observer(),
    });
  }

  #observer(): PoolObserver {
    const { configuration, metrics } = this.#options;
    const { name } = configuration.function;
    const { printReports, functionFormat } = this.#options.log;
    const { stdout, stderr, log } = this.#options.output;
    return {
      platformEvent: (event) => {
        metrics()?.platformEvent(name, event);
        if (!printReports) return;
        const line = renderPlatformLine(event, functionFormat);
        if (line !== undefined) stderr.write(line);
      },
      output: (line) => stdout.write(line),
      rejected: (reason) => {
        metrics()?.runtimeRejected(reason);
        log.refuse("rapi.reject", "Refused a call of the Runtime API", { reason });
      },
      fault: ({ level, event, detail, ...facts }) => {
        log.write(level, event, detail === undefined ? event : `${event}: ${detail}`, facts);
      },
      telemetryDropped: ({ name: subscriber, records, bytes, reason, isEnding }) => {
        metrics()?.telemetryDropped(records);
        log.write(isEnding ? "info" : "warn", "telemetry.dropped", reason, {
          name: subscriber,
          records,
          bytes,
        });
      },
      environmentEnded: (reason) => metrics()?.environmentEnded(name, reason),
    };
  }
}
