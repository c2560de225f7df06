import {
  type FunctionConfiguration,
  type Invocation,
  type Invoker,
  withLayers,
} from "@lambdad/core";
import {
  type InvokeDoor,
  type ListenAddress,
  type Page,
  severalFunctionsResolver,
} from "@lambdad/invoke-http";
import type { Variables } from "../configuration/read-options.ts";
import type { ServerConfiguration } from "../configuration/server-configuration.ts";
import type { AsynchronousEvents } from "../host/asynchronous-events.ts";
import { BrokerWatch } from "../host/broker-watch.ts";
import { BufferCollector } from "../host/buffer-collector.ts";
import { daemonPages } from "../host/daemon-pages.ts";
import { FunctionHost } from "../host/function-host.ts";
import { HostOutput } from "../host/host-output.ts";
import { makeInvokeDoor, openInvokeApi, urlOf } from "../host/invoke-api.ts";
import type { Metrics } from "../host/metrics.ts";
import { OverloadGuard, overloadLog } from "../host/overload-guard.ts";
import { logStartWarnings } from "../host/start-warnings.ts";
import { openFiles } from "../host/resources.ts";
import { provideSandboxHosts } from "../host/sandbox-hosts.ts";
import type { BrokerClient } from "./broker-client.ts";
import { FunctionRouter } from "./function-router.ts";
import type { ServedFunction } from "./served-function.ts";

export interface ServerOptions {
  readonly configuration: ServerConfiguration;
  readonly functions: readonly ServedFunction[];
  /** The process's variables. */
  readonly variables: Variables;
  /** What was set but has no effect: logged at the start. */
  readonly warnings: readonly string[];
}

/** Many functions behind one Invoke API: pools of this machine, and queues of a broker. */
export class Server {
  readonly #options: ServerOptions;
  readonly #output: HostOutput;
  readonly #guard: OverloadGuard;
  readonly #functions: readonly FunctionHost[];
  readonly #watch: BrokerWatch;
  readonly #router: FunctionRouter;
  readonly #door: InvokeDoor;
  #broker: BrokerClient | undefined;
  #metrics: Metrics | undefined;
  #events: AsynchronousEvents | undefined;
  /** The router, with metrics around it when they are on. */
  #invoker: Invoker;
  #stopped: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    const { log, runtimeApiHost } = options.configuration;
    const output = new HostOutput(log);
    this.#output = output;
    this.#guard = new OverloadGuard(overloadLog(output.log));
    this.#functions = options.functions.map(
      (each) =>
        new FunctionHost({
          ...each,
          log,
          runtimeApi: { host: runtimeApiHost, port: 0 },
          output,
          metrics: () => this.#metrics,
        }),
    );
    this.#watch = new BrokerWatch({ log: output.log, metrics: () => this.#metrics?.broker });
    this.#router = new FunctionRouter({
      local: this.#functions,
      remote: () => this.#broker?.functions,
      events: () => this.#events,
    });
    this.#invoker = withLayers(this.#router, [new BufferCollector().layer]);
    this.#door = this.#makeDoor();
  }

  /**
   * Opens the Invoke API and connects to the broker. With functions of this machine it does not wait for
   * a broker that is away.
   *
   * @returns where the Invoke API listens.
   * @throws {ListenError} when an address cannot be listened on.
   * @throws {ConfigError} when the broker's URI cannot be read.
   * @throws {BrokerError} when the broker refuses, or is away and there is nothing else to serve (AM-1).
   */
  async start(): Promise<ListenAddress> {
    const { configuration, warnings } = this.#options;
    await this.#load();
    this.#provideSandboxHosts();
    const address = await this.#open();
    const { log } = this.#output;
    log.write("info", "listening", `lambdad listening on ${urlOf(address)}`, {
      functions: this.#functions.map((each) => each.configuration.name).join(",") || undefined,
    });
    await log.open();
    this.#guard.start();
    logStartWarnings(log, [...warnings, ...(this.#broker?.warnings ?? [])], {
      invokeApi: configuration.invokeApi.host,
      runtimeApi: this.#functions.length > 0 ? configuration.runtimeApiHost : undefined,
    });
    await this.#connect();
    return address;
  }

  /** Everything that is needed only by configuration. */
  async #load(): Promise<void> {
    const { metrics, queues, events } = this.#options.configuration;
    if (queues !== undefined) {
      const { BrokerClient: Loaded } = await import("./broker-client.ts");
      this.#broker = new Loaded({
        configuration: queues,
        watch: this.#watch,
        metrics: () => this.#metrics?.broker,
      });
    }
    if (metrics) await this.#loadMetrics();
    if (events.store === "memory" && this.#functions.length > 0) await this.#startEvents();
  }

  #provideSandboxHosts(): void {
    const { configuration, functions, variables } = this.#options;
    const { runtimeApiHost } = configuration;
    const folders = new Set(functions.map((each) => each.configuration.environments.extensionsDir));
    for (const extensionsDir of folders) {
      const advice = provideSandboxHosts({ extensionsDir, runtimeApiHost, variables });
      if (advice !== undefined) this.#output.log.write("info", "extensions.hosts", advice);
    }
  }

  /** Opens every port, or none: the process ends then. */
  async #open(): Promise<ListenAddress> {
    try {
      for (const each of this.#functions) {
        // The first that cannot be opened is the one to be told of.
        // oxlint-disable-next-line no-await-in-loop
        await each.start();
      }
      this.#functions[0]?.killLeftovers();
      return await openInvokeApi(this.#door, this.#options.configuration.invokeApi);
    } catch (error) {
      await Promise.all(this.#functions.map((each) => each.stop(0)));
      throw error;
    }
  }

  async #connect(): Promise<void> {
    try {
      await this.#broker?.start(this.#functions.length === 0);
    } catch (error) {
      // A stop ends the attempts, too.
      if (this.#stopped !== undefined) return;
      this.kill();
      await this.#output.end();
      throw error;
    }
  }

  /**
   * Ends the server: takes nothing new, lets what runs finish within the drain limit, ends all processes
   * and connections. Idempotent.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#output.log.write("info", "draining", "Stopping: running invocations may finish");
    this.#door.drain();
    const { drainTimeoutMs } = this.#options.configuration;
    await Promise.all([
      this.#events?.stop(drainTimeoutMs),
      ...this.#functions.map((each) => each.stop(drainTimeoutMs)),
      this.#broker?.stop(drainTimeoutMs),
    ]);
    await this.#door.close();
    this.#guard.stop();
    await this.#output.end();
  }

  /** Ends everything now. */
  kill(): void {
    this.#door.destroy();
    for (const each of this.#functions) each.kill();
    this.#broker?.kill();
  }

  /** For a failure that nothing caught: logs it with what was running. */
  crashed(error: unknown): void {
    this.#output.crashed(
      error,
      this.#functions.flatMap((each) => each.requestIds),
    );
  }

  #makeDoor(): InvokeDoor {
    const { invokeApi, metrics, place, queues } = this.#options.configuration;
    const environments = this.#options.functions.map((each) => each.configuration.environments);
    return makeInvokeDoor({
      configuration: invokeApi,
      environmentsMax: environments.reduce((sum, { environmentsMax }) => sum + environmentsMax, 0),
      invoker: { invoke: (invocation, signal) => this.#invoker.invoke(invocation, signal) },
      resolve: severalFunctionsResolver({
        place,
        functions: this.#functions.map(({ configuration }) => configuration),
        ...(queues === undefined ? {} : { otherwise: ({ name }) => this.#queueFunction(name) }),
      }),
      acceptEvent: (invocation: Invocation) => this.#router.acceptEvent(invocation, this.#invoker),
      check: (configuration, writtenName) => this.#router.check(configuration, writtenName),
      pages: daemonPages({
        isDraining: () => this.#stopped !== undefined,
        isOverloaded: () => this.#guard.admit() !== undefined,
        ...(queues === undefined ? {} : { brokerProblem: () => this.#watch.problem }),
        worksWithoutBroker: this.#functions.length > 0,
        metrics: metrics ? () => this.#metricsPage() : undefined,
      }),
      guard: this.#guard,
      output: this.#output,
      metrics: () => this.#metrics,
    });
  }

  /** What is known of a function that is only a name: its host knows the rest. */
  #queueFunction(name: string): FunctionConfiguration {
    const { place, queues } = this.#options.configuration;
    const timeoutMs = queues?.timeoutMs ?? 0;
    return { name, version: "$LATEST", ...place, handler: "", memorySizeMb: 0, timeoutMs };
  }

  async #loadMetrics(): Promise<void> {
    // Loaded on request: it costs every start some ten milliseconds.
    const { Metrics: Loaded } = await import("../host/metrics.ts");
    const { queues } = this.#options.configuration;
    const metrics = new Loaded({
      functions: this.#functions.map((each) => ({
        name: each.configuration.name,
        counts: () => each.counts,
      })),
      otherFunctions: [...(queues?.profiles.keys() ?? [])],
      broker: queues !== undefined,
      bodyBytesInFlight: () => this.#door.bodyBytesInFlight,
      logLinesDropped: () => this.#output.linesDropped,
      eventLoopDelaySeconds: () => this.#guard.delayMs / 1000,
      openFiles,
      eventCounts: () => this.#events?.counts() ?? Promise.resolve([]),
    });
    this.#metrics = metrics;
    this.#invoker = withLayers(this.#invoker, [metrics.layer]);
  }

  async #startEvents(): Promise<void> {
    const { AsynchronousEvents: Loaded } = await import("../host/asynchronous-events.ts");
    this.#events = new Loaded({
      configuration: this.#options.configuration.events,
      functions: this.#functions.map(({ configuration, concurrency }) => {
        return { name: configuration.name, concurrency };
      }),
      invoker: this.#invoker,
      log: this.#output.log,
      observe: (observation) => this.#metrics?.eventObserved(observation),
    });
    await this.#events.start();
  }

  #metricsPage(): Promise<Page> {
    const metrics = this.#metrics;
    if (metrics === undefined) throw new Error("Cannot tell the metrics: they are not loaded");
    return metrics.page();
  }
}
