import { type Invocation, type Invoker, withLayers } from "@lambdad/core";
import {
  type InvokeDoor,
  type ListenAddress,
  type Page,
  singleFunctionResolver,
} from "@lambdad/invoke-http";
import type { AmqpConfiguration } from "../configuration/amqp-configuration.ts";
import type { DaemonConfiguration } from "../configuration/daemon-configuration.ts";
import type { Variables } from "../configuration/read-options.ts";
import type { AsynchronousEvents } from "../host/asynchronous-events.ts";
import { BufferCollector } from "../host/buffer-collector.ts";
import { daemonPages } from "../host/daemon-pages.ts";
import type { FunctionCommand } from "../host/function-command.ts";
import { FunctionHost } from "../host/function-host.ts";
import { HostOutput } from "../host/host-output.ts";
import { makeInvokeDoor, openInvokeApi, urlOf } from "../host/invoke-api.ts";
import type { Metrics } from "../host/metrics.ts";
import { OverloadGuard, overloadLog } from "../host/overload-guard.ts";
import { logStartWarnings } from "../host/start-warnings.ts";
import { bytesInFlightMaxDefault, openFiles } from "../host/resources.ts";
import { provideSandboxHosts } from "../host/sandbox-hosts.ts";
import type { QueueDoor } from "./queue-door.ts";

export interface DaemonOptions {
  readonly configuration: DaemonConfiguration;
  readonly function: FunctionCommand;
  /** The process's variables. */
  readonly variables: Variables;
  /** Those that the function inherits. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Replace the environments when the function's files change. */
  readonly watch: boolean;
  /** What was set but has no effect: logged at the start. */
  readonly warnings: readonly string[];
}

/** One function behind one Invoke API, and a queue if there is a broker: doors, layers, environments. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #output: HostOutput;
  readonly #guard: OverloadGuard;
  readonly #function: FunctionHost;
  readonly #door: InvokeDoor;
  #metrics: Metrics | undefined;
  #events: AsynchronousEvents | undefined;
  #queue: QueueDoor | undefined;
  /** The function, with metrics around it when they are on. */
  #invoker: Invoker;
  #stopped: Promise<void> | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
    const { configuration, inherited } = options;
    this.#output = new HostOutput(configuration.log);
    this.#guard = new OverloadGuard(overloadLog(this.#output.log));
    this.#function = new FunctionHost({
      configuration,
      log: configuration.log,
      runtimeApi: configuration.runtimeApi,
      function: options.function,
      inherited,
      output: this.#output,
      metrics: () => this.#metrics,
    });
    this.#invoker = withLayers(this.#function, [new BufferCollector().layer]);
    this.#door = this.#makeDoor();
  }

  /**
   * Opens both APIs. Starts no process: the first invocation does.
   *
   * @returns where the Invoke API listens.
   * @throws {ListenError} when an address cannot be listened on.
   * @throws {ConfigError} when what names the broker or the queue makes no sense.
   * @throws {BrokerError} when the broker refuses; one that is away is tried again and again.
   */
  async start(): Promise<ListenAddress> {
    const { configuration } = this.#options;
    if (configuration.metrics) await this.#loadMetrics();
    if (configuration.events.store === "memory") await this.#startEvents();
    if (configuration.amqp !== undefined) await this.#loadQueue(configuration.amqp);
    this.#provideSandboxHosts();
    await this.#function.start();
    this.#function.killLeftovers();
    const address = await this.#listen();
    this.#output.log.write("info", "listening", `lambdad listening on ${urlOf(address)}`, {
      function: configuration.function.name,
      runtimeApi: this.#function.runtimeApiAddress,
    });
    await this.#afterListening();
    await this.#startQueue();
    return address;
  }

  #provideSandboxHosts(): void {
    const { configuration, variables } = this.#options;
    const { extensionsDir } = configuration.environments;
    const runtimeApiHost = configuration.runtimeApi.host;
    const advice = provideSandboxHosts({ extensionsDir, runtimeApiHost, variables });
    if (advice !== undefined) this.#output.log.write("info", "extensions.hosts", advice);
  }

  /** Closes the Runtime API again when the Invoke API cannot be opened: the process ends then. */
  async #listen(): Promise<ListenAddress> {
    try {
      return await openInvokeApi(this.#door, this.#options.configuration.invokeApi);
    } catch (error) {
      await this.#function.stop(0);
      throw error;
    }
  }

  /** What may come after the ports are open, so that the start does not wait for it. */
  async #afterListening(): Promise<void> {
    const { configuration, warnings, watch } = this.#options;
    const { log } = this.#output;
    await log.open();
    this.#guard.start();
    logStartWarnings(log, warnings, {
      invokeApi: configuration.invokeApi.host,
      runtimeApi: configuration.runtimeApi.host,
    });
    if (watch) this.#function.watch();
  }

  /** Callers over HTTP are served already, and go on to be while the broker is away (AM-1). */
  async #startQueue(): Promise<void> {
    try {
      await this.#queue?.start();
    } catch (error) {
      // A stop ends the attempts.
      if (this.#stopped !== undefined) return;
      this.kill();
      await this.#output.end();
      throw error;
    }
  }

  /**
   * Ends the daemon: takes nothing new, lets what runs finish within the drain limit, ends all
   * processes. Idempotent.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#output.log.write("info", "draining", "Stopping: running invocations may finish");
    this.#door.drain();
    // Before the environments: what waits for one is given back to the queue (HO-8).
    this.#queue?.drain();
    const { drainTimeoutMs } = this.#options.configuration;
    await Promise.all([this.#events?.stop(drainTimeoutMs), this.#function.stop(drainTimeoutMs)]);
    // What ran has ended, or was broken off: nothing more to wait for than its replies.
    await this.#queue?.stop(0);
    await this.#door.close();
    this.#guard.stop();
    await this.#output.end();
  }

  /** Ends everything now. */
  kill(): void {
    this.#door.destroy();
    this.#queue?.kill();
    this.#function.kill();
  }

  /** For a failure that nothing caught: logs it with what was running. */
  crashed(error: unknown): void {
    this.#output.crashed(error, this.#function.requestIds);
  }

  #makeDoor(): InvokeDoor {
    const { configuration } = this.#options;
    return makeInvokeDoor({
      configuration: configuration.invokeApi,
      environmentsMax: configuration.environments.environmentsMax,
      invoker: { invoke: (invocation, signal) => this.#invoker.invoke(invocation, signal) },
      resolve: singleFunctionResolver(configuration.function),
      acceptEvent:
        configuration.events.store === "off"
          ? undefined
          : (invocation: Invocation) => this.#acceptEvent(invocation),
      pages: daemonPages({
        isDraining: () => this.#stopped !== undefined,
        isOverloaded: () => this.#guard.admit() !== undefined,
        brokerProblem: () => this.#queue?.problem,
        metrics: configuration.metrics ? () => this.#metricsPage() : undefined,
      }),
      guard: this.#guard,
      output: this.#output,
      metrics: () => this.#metrics,
    });
  }

  async #loadMetrics(): Promise<void> {
    // Loaded on request: it costs every start some ten milliseconds.
    const { Metrics: Loaded } = await import("../host/metrics.ts");
    const metrics = new Loaded({
      functions: [{ name: this.#function.configuration.name, counts: () => this.#function.counts }],
      broker: this.#options.configuration.amqp !== undefined,
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
    const { concurrency, configuration } = this.#function;
    this.#events = new Loaded({
      configuration: this.#options.configuration.events,
      functions: [{ name: configuration.name, concurrency }],
      invoker: this.#invoker,
      log: this.#output.log,
      observe: (observation) => this.#metrics?.eventObserved(observation),
    });
    await this.#events.start();
  }

  /** Loaded on request: the client library costs a start time and memory. */
  async #loadQueue(configuration: AmqpConfiguration): Promise<void> {
    const { QueueDoor: Loaded } = await import("./queue-door.ts");
    const { events, invokeApi } = this.#options.configuration;
    this.#queue = new Loaded({
      configuration,
      function: this.#function.configuration,
      eventRetriesMax: events.retriesMax,
      bytesInFlightMax: invokeApi.bytesInFlightMax ?? bytesInFlightMaxDefault(),
      invoker: this.#invoker,
      guard: this.#guard,
      log: this.#output.log,
      metrics: () => this.#metrics?.broker,
    });
  }

  #metricsPage(): Promise<Page> {
    const metrics = this.#metrics;
    if (metrics === undefined) throw new Error("Cannot tell the metrics: they are not loaded");
    return metrics.page();
  }

  #acceptEvent(invocation: Invocation): Promise<void> {
    const events = this.#events;
    if (events === undefined) throw new Error("Cannot accept an event: the queue has not started");
    return events.accept(invocation);
  }
}
