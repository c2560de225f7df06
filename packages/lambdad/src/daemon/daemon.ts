import { resolve } from "node:path";
import { type Invocation, type Invoker, withLayers } from "@lambdad/core";
import { EnvironmentPool, type PoolObserver, renderPlatformLine } from "@lambdad/environment";
import {
  InvokeDoor,
  type ListenAddress,
  type Page,
  singleFunctionResolver,
} from "@lambdad/invoke-http";
import type { DaemonConfiguration } from "../configuration/daemon-configuration.ts";
import type { Variables } from "../configuration/read-options.ts";
import type { AsynchronousEvents } from "../host/asynchronous-events.ts";
import { daemonPages } from "../host/daemon-pages.ts";
import { BufferCollector } from "../host/buffer-collector.ts";
import { FileWatch } from "../host/file-watch.ts";
import type { FunctionCommand } from "../host/function-command.ts";
import { HostLog } from "../host/host-log.ts";
import { ListenError } from "../host/listen-error.ts";
import { LineWriter } from "../host/line-writer.ts";
import { isSameFile } from "../host/output-sink.ts";
import type { Metrics } from "../host/metrics.ts";
import { outdatedNode } from "../host/node-version.ts";
import { OverloadGuard } from "../host/overload-guard.ts";
import { provideSandboxHosts } from "../host/sandbox-hosts.ts";
import {
  bytesInFlightMaxDefault,
  connectionsMaxDefault,
  limitLauncher,
  openFiles,
} from "../host/resources.ts";
import { startCommand } from "../host/start-command.ts";

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

/** How long a slow reader may take to read the last lines, in milliseconds. */
const lastLinesMs = 1_000;

/** One function behind one Invoke API: a door, layers, and a pool of environments. */
export class Daemon {
  readonly #options: DaemonOptions;
  /** The function's output. */
  readonly #stdout = new LineWriter(1);
  /**
   * START, END, REPORT, and the host's log: a function cannot write here (RT-21). One writer for both
   * where both end up in the same place, so that the order of lines there is that of what happened.
   */
  readonly #stderr: LineWriter = isSameFile(1, 2) ? this.#stdout : new LineWriter(2);
  readonly #log: HostLog;
  readonly #guard: OverloadGuard;
  readonly #pool: EnvironmentPool;
  readonly #collector = new BufferCollector();
  readonly #door: InvokeDoor;
  #metrics: Metrics | undefined;
  #events: AsynchronousEvents | undefined;
  /** The pool, with metrics around it when they are on. */
  #invoker: Invoker;
  #watch: FileWatch | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
    const { configuration } = options;
    this.#log = new HostLog(configuration.log, this.#stderr);
    this.#guard = new OverloadGuard((overloaded, delayMs) => {
      const ms = Math.round(delayMs);
      if (overloaded) this.#log.write("warn", "overload.begin", "Refusing new work", { ms });
      else this.#log.write("info", "overload.end", "Taking work again", { ms });
    });
    this.#pool = this.#makePool();
    this.#invoker = withLayers(this.#pool, [this.#collector.layer]);
    this.#door = this.#makeDoor();
  }

  /**
   * Opens both APIs. Starts no process: the first invocation does.
   *
   * @returns where the Invoke API listens.
   * @throws {ListenError} when an address cannot be listened on.
   */
  async start(): Promise<ListenAddress> {
    const { configuration } = this.#options;
    if (configuration.metrics) await this.#loadMetrics();
    if (configuration.events.store === "memory") await this.#startEvents();
    this.#provideSandboxHosts();
    await this.#openRuntimeApi();
    this.#pool.killLeftovers();
    const address = await this.#listen();
    const { host, port } = address;
    const name = host.includes(":") ? `[${host}]` : host;
    this.#log.write("info", "listening", `lambdad listening on http://${name}:${port}`, {
      function: configuration.function.name,
      runtimeApi: this.#pool.runtimeApiAddress,
    });
    await this.#afterListening();
    return address;
  }

  #provideSandboxHosts(): void {
    const { configuration, variables } = this.#options;
    const { extensionsDir } = configuration.environments;
    const runtimeApiHost = configuration.runtimeApi.host;
    const advice = provideSandboxHosts({ extensionsDir, runtimeApiHost, variables });
    if (advice !== undefined) this.#log.write("info", "extensions.hosts", advice);
  }

  async #openRuntimeApi(): Promise<void> {
    try {
      await this.#pool.start();
    } catch (error) {
      throw new ListenError("Runtime API", this.#options.configuration.runtimeApi, error);
    }
  }

  /** Closes the Runtime API again when the Invoke API cannot be opened: the process ends then. */
  async #listen(): Promise<ListenAddress> {
    const { invokeApi } = this.#options.configuration;
    try {
      return await this.#door.listen(invokeApi);
    } catch (error) {
      await this.#pool.stop(0);
      throw new ListenError("Invoke API", invokeApi, error);
    }
  }

  /** What may come after the ports are open, so that the start does not wait for it. */
  async #afterListening(): Promise<void> {
    const { configuration, warnings } = this.#options;
    await this.#log.open();
    this.#guard.start();
    for (const warning of warnings) this.#log.write("warn", "config.ignored", warning);
    const outdated = outdatedNode(process.versions.node);
    if (outdated !== undefined) this.#log.write("warn", "node.outdated", outdated);
    this.#warnAboutAddresses(configuration);
    if (this.#options.watch) this.#startWatch();
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
    this.#log.write("info", "draining", "Stopping: running invocations may finish");
    this.#watch?.stop();
    this.#door.drain();
    const { drainTimeoutMs } = this.#options.configuration;
    await Promise.all([this.#events?.stop(drainTimeoutMs), this.#pool.stop(drainTimeoutMs)]);
    await this.#door.close();
    this.#guard.stop();
    // Not yet open when the daemon ends before it has fully started.
    await this.#log.open();
    await Promise.all([this.#stdout.idle(lastLinesMs), this.#stderr.idle(lastLinesMs)]);
  }

  /** Ends everything now. */
  kill(): void {
    this.#door.destroy();
    this.#pool.kill();
  }

  /** For a failure that nothing caught: logs it with what was running. */
  crashed(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const requestIds = this.#pool.requestIds.join(",");
    this.#log.write("error", "crash", "Unexpected error: stopping", { stack, requestIds });
  }

  #makePool(): EnvironmentPool {
    const { configuration, function: target, inherited } = this.#options;
    const { environments, queue, log } = configuration;
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
      runtimeApi: configuration.runtimeApi,
      observer: this.#poolObserver(),
    });
  }

  #poolObserver(): PoolObserver {
    const { log } = this.#options.configuration;
    return {
      platformEvent: (event) => {
        this.#metrics?.platformEvent(event);
        if (!log.printReports) return;
        const line = renderPlatformLine(event, log.functionFormat);
        if (line !== undefined) this.#stderr.write(line);
      },
      output: (line) => this.#stdout.write(line),
      rejected: (reason) => {
        this.#metrics?.runtimeRejected(reason);
        this.#log.refuse("rapi.reject", "Refused a call of the Runtime API", { reason });
      },
      fault: ({ level, event, detail, ...facts }) => {
        this.#log.write(level, event, detail === undefined ? event : `${event}: ${detail}`, facts);
      },
      telemetryDropped: ({ name, records, bytes, reason, isEnding }) => {
        this.#metrics?.telemetryDropped(records);
        this.#log.write(isEnding ? "info" : "warn", "telemetry.dropped", reason, {
          name,
          records,
          bytes,
        });
      },
      environmentEnded: (reason) => this.#metrics?.environmentEnded(reason),
    };
  }

  #makeDoor(): InvokeDoor {
    const { configuration } = this.#options;
    const { invokeApi, environments } = configuration;
    return new InvokeDoor({
      invoker: { invoke: (invocation, signal) => this.#invoker.invoke(invocation, signal) },
      resolve: singleFunctionResolver(configuration.function),
      ...(configuration.events.store === "off"
        ? {}
        : { acceptEvent: (invocation: Invocation) => this.#acceptEvent(invocation) }),
      admit: () => this.#guard.admit(),
      pages: daemonPages({
        isDraining: () => this.#stopped !== undefined,
        isOverloaded: () => this.#guard.admit() !== undefined,
        metrics: configuration.metrics ? () => this.#metricsPage() : undefined,
      }),
      allowedOrigins: new Set(invokeApi.originsAllowed),
      bodyBytesInFlightMax: invokeApi.bytesInFlightMax ?? bytesInFlightMaxDefault(),
      observer: {
        rejected: (status, reason) => {
          this.#metrics?.httpRejected(status, reason);
          this.#log.refuse("http.reject", "Refused a request", { status, reason });
        },
        failed: (error, requestId) => {
          const cause = error.cause instanceof Error ? error.cause.stack : String(error.cause);
          this.#log.write("error", "host.error", error.message, { requestId, cause });
        },
      },
      http: {
        headTimeoutMs: invokeApi.headTimeoutMs,
        bodyTimeoutMs: invokeApi.bodyTimeoutMs,
        idleTimeoutMs: invokeApi.keepAliveTimeoutMs,
        stallTimeoutMs: invokeApi.streamStallTimeoutMs,
        connectionsMax:
          invokeApi.connectionsMax ?? connectionsMaxDefault(environments.environmentsMax),
      },
    });
  }

  async #loadMetrics(): Promise<void> {
    // Loaded on request: it costs every start some ten milliseconds.
    const { Metrics: Loaded } = await import("../host/metrics.ts");
    const metrics = new Loaded(this.#options.configuration.function.name, {
      counts: () => this.#pool.counts,
      bodyBytesInFlight: () => this.#door.bodyBytesInFlight,
      logLinesDropped: () => {
        const writers = new Set([this.#stdout, this.#stderr]);
        return [...writers].reduce((sum, { droppedLines }) => sum + droppedLines, 0);
      },
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
      configuration: this.#options.configuration,
      invoker: this.#invoker,
      log: this.#log,
      observe: (observation) => this.#metrics?.eventObserved(observation),
    });
    await this.#events.start();
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

  #warnAboutAddresses({ invokeApi, runtimeApi }: DaemonConfiguration): void {
    if (!isLoopback(invokeApi.host)) {
      const text = `The Invoke API listens on ${invokeApi.host} without authentication: whoever reaches it can run the function`;
      this.#log.write("warn", "listen.public", text);
    }
    if (!isLoopback(runtimeApi.host) && !runtimeApi.host.startsWith("169.254.")) {
      const text = `The Runtime API listens on ${runtimeApi.host}: whoever reaches it can answer in the function's name`;
      this.#log.write("warn", "listen.public", text);
    }
  }

  #startWatch(): void {
    const { watchFolder } = this.#options.function;
    this.#watch = new FileWatch(watchFolder, (path) => {
      this.#log.write("info", "watch.changed", "The function has changed: new environments", {
        path,
      });
      this.#pool.renew();
    });
    this.#log.write("info", "watch.started", `Watching ${watchFolder}`);
    this.#watch.start((error) => {
      this.#log.write("error", "watch.failed", `Cannot watch '${watchFolder}': ${error.message}`);
    });
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
