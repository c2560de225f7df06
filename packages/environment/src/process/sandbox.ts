import { limits } from "@lambdad/core";
import type { Fault } from "../environment-observer.ts";
import type { EnvironmentOptions } from "../environment-options.ts";
import { discoverExtensions } from "../extensions/discover-extensions.ts";
import type { ShutdownReason } from "../extensions/extension-events.ts";
import type { ExtensionsApi } from "../extensions/extensions-api.ts";
import { ExternalExtensions } from "../extensions/external-extensions.ts";
import type { EnvironmentApis } from "../http/environment-apis.ts";
import type { RuntimeApiListener } from "../http/runtime-api-listener.ts";
import { ProcessOutput } from "../log/process-output.ts";
import { extensionLaunchError, type ProcessExit } from "../platform-error.ts";
import { platformFailure, spawnFailure, type StartFailure } from "../start-failure.ts";
import type { EnvironmentProcess } from "./environment-process.ts";
import { Latch } from "./latch.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { killMarked } from "./process-tree.ts";
import { shutDown } from "./shutdown.ts";
import { startRuntime } from "./start-runtime.ts";

/** What an environment hears of its processes. */
export interface SandboxHooks {
  /** A line or a text of the function, newline included, and when it was written. */
  functionLine(line: Buffer, timeMs: number): void;
  extensionLine(line: Buffer): void;
  /** The runtime or an extension could not be started. */
  cannotStart(failure: StartFailure): void;
  extensionLaunchFailed(name: string, reason: string): void;
  extensionExited(name: string, exit: ProcessExit): void;
  /** The runtime has ended; what it has sent may still be on its way. */
  runtimeExited(exit: ProcessExit): void;
  /** Whether an answer of the runtime is still waited for. */
  isAwaited(): boolean;
  /** What the runtime has sent has been read. */
  runtimeEnded(exit: ProcessExit): void;
  /** No process is left. */
  gone(): void;
  fault(fault: Fault): void;
}

export interface SandboxOptions {
  readonly environment: EnvironmentOptions;
  readonly number: number;
  readonly listener: RuntimeApiListener;
  readonly apis: EnvironmentApis;
}

/** How long the last output and answers of an ended process are waited for, in milliseconds. */
const lastWordsMs = 200;

/**
 * The processes of one environment: its external extensions, then its runtime; and their end, of all
 * of them and of all that they have started.
 */
export class Sandbox {
  readonly #options: SandboxOptions;
  readonly #hooks: SandboxHooks;
  readonly #mark: string;
  readonly #runtimeOver = new Latch();
  readonly #externalsOver = new Latch();
  #plan: LaunchPlan | undefined;
  #runtime: EnvironmentProcess | undefined;
  #externals: ExternalExtensions | undefined;
  #state: "new" | "started" | "ending" | "gone" = "new";
  #isWhole = true;

  constructor(options: SandboxOptions, hooks: SandboxHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#mark = `${options.environment.poolMark}${options.number}`;
  }

  /** The processes that it has started, and that have not ended. */
  readonly pids = (): readonly number[] => {
    const runtime = this.#runtime;
    const own = runtime === undefined || runtime.exited ? undefined : runtime.pid;
    const others = this.#externals?.pids ?? [];
    return own === undefined ? others : [own, ...others];
  };

  /** Whether the runtime has been started, and not only the extensions. */
  get hasRuntime(): boolean {
    return this.#runtime !== undefined;
  }

  /** Whether none of its processes has ended. From its end on nothing more may be given to them (RT-2). */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether external extensions have been started in it. */
  get hasExternalExtensions(): boolean {
    return this.#externals !== undefined;
  }

  /** Starts the external extensions, and the runtime too when there are none to wait for. */
  start(plan: LaunchPlan): void {
    const { listener, apis } = this.#options;
    this.#state = "started";
    this.#plan = plan;
    if ("error" in plan.runtime) {
      this.#hooks.fault({ level: "error", event: "spawn.error", detail: plan.runtime.error.text });
      this.#hooks.cannotStart(platformFailure(plan.runtime.error));
      return;
    }
    listener.attach(apis);
    if (apis.extensions !== undefined) this.#startExtensions(apis.extensions, plan);
    this.startRuntime();
  }

  #startExtensions(api: ExtensionsApi, { extensionVariables }: LaunchPlan): void {
    const { environment } = this.#options;
    const { extensionsDir, command, launcher, logLineBytesMax } = environment;
    let names: readonly string[];
    try {
      names = discoverExtensions(extensionsDir);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#extensionsFailed(`Cannot read the folder of extensions: ${reason}`);
      return;
    }
    for (const name of names) api.expect(name);
    if (names.length > limits.extensionsMax) {
      for (const { name } of api.all) api.launchFailed(name, "TooManyExtensions");
      const reason = `${names.length} extensions in ${extensionsDir}, and at most ${limits.extensionsMax} are allowed`;
      this.#extensionsFailed(reason);
      return;
    }
    if (names.length === 0) return;
    const externals = new ExternalExtensions({
      folder: extensionsDir,
      cwd: command.cwd,
      variables: extensionVariables,
      mark: this.#mark,
      launcher,
      lineBytesMax: logLineBytesMax,
      onLine: (_name, line) => this.#hooks.extensionLine(line),
      onExit: (name, exit) => {
        this.#isWhole = false;
        // A call that it made before, such as exit/error, comes first: its connection may be accepted in
        // this turn of the event loop, and is read in the next.
        setImmediate(setImmediate, () => this.#hooks.extensionExited(name, exit));
      },
      onLaunchError: (name, reason) => this.#hooks.extensionLaunchFailed(name, reason),
      onAllEnded: () => {
        this.#externalsOver.open();
        this.#goneIfEmpty();
      },
    });
    this.#externals = externals;
    // One that cannot be started ends the environment, and with it the start of the others.
    for (const name of names) if (this.#state === "started") externals.start(name);
  }

  #extensionsFailed(reason: string): void {
    this.#hooks.fault({ level: "error", event: "ext.launch_error", detail: reason });
    this.#hooks.cannotStart(platformFailure(extensionLaunchError(reason)));
  }

  /** Starts the runtime, unless an extension has not registered yet or it was started before. */
  startRuntime(): void {
    const { environment, number, apis } = this.#options;
    const runtime = this.#plan?.runtime;
    if (this.#state !== "started" || this.hasRuntime) return;
    if (runtime === undefined || "error" in runtime || this.#plan === undefined) return;
    if (apis.extensions?.unregistered !== undefined) return;
    const { executable } = runtime;
    const { logLineBytesMax } = environment;
    const output = new ProcessOutput(
      (line, timeMs) => this.#hooks.functionLine(line, timeMs),
      logLineBytesMax,
    );
    const failed = (error: NodeJS.ErrnoException): void => {
      this.#runtimeOver.open();
      this.#hooks.fault({ level: "error", event: "spawn.error", code: error.code });
      this.#hooks.cannotStart(spawnFailure(executable, error));
      this.#goneIfEmpty();
    };
    try {
      this.#runtime = startRuntime(
        { executable, variables: this.#plan.variables },
        { ...environment, number, api: apis.runtime },
        {
          onOutput: (chunk, source) => output.push(chunk, source),
          onLogFrames: (chunk) => output.push(chunk, "log"),
          onExit: (exit) => this.#runtimeExited(exit, output),
          onSpawnError: failed,
        },
      );
    } catch (error) {
      failed(error as NodeJS.ErrnoException);
    }
  }

  /**
   * The runtime's process has ended. What it sent before may still be on its way to us: the answer
   * of an invocation that was complete counts (RT-3), so its connections are read to their end first.
   */
  #runtimeExited(exit: ProcessExit, output: ProcessOutput): void {
    const { listener } = this.#options;
    if (this.#state === "gone") return;
    this.#isWhole = false;
    this.#hooks.runtimeExited(exit);
    const over = (): void => {
      output.end();
      this.#hooks.runtimeEnded(exit);
      this.#runtimeOver.open();
      this.#goneIfEmpty();
    };
    const readOutput = (): void => this.#runtime?.afterOutput(lastWordsMs, over);
    if (this.#hooks.isAwaited()) listener.afterConnections(lastWordsMs, readOutput);
    else readOutput();
  }

  /** Ends all processes: in order when an extension has registered, else at once. */
  end(reason: ShutdownReason): void {
    if (this.#state === "ending" || this.#state === "gone") return;
    this.#state = "ending";
    if (this.#runtime === undefined) this.#runtimeOver.open();
    if (this.#externals === undefined || this.#externals.haveEnded) this.#externalsOver.open();
    const { extensions, telemetry } = this.#options.apis;
    if (extensions?.hasRegistered === true) {
      void shutDown(reason, {
        extensions,
        telemetry,
        signalRuntime: (signal) => this.#runtime?.signal(signal),
        runtimeOver: this.#runtimeOver,
        runningExternals: () => this.#externals?.running ?? [],
        killExternal: (name) => this.#externals?.kill(name),
        externalsOver: this.#externalsOver,
        fault: (fault) => this.#hooks.fault(fault),
      }).then(() => this.#awaitExits());
      return;
    }
    this.kill();
    this.#awaitExits();
  }

  /** The memory has run out: ends the runtime's process now, or the extensions when they are alone yet. */
  killForMemory(): void {
    if (this.#runtime === undefined) this.#externals?.kill();
    else this.#runtime.signal("SIGKILL");
  }

  /** Ends all processes now. */
  kill(): void {
    this.#runtime?.signal("SIGKILL");
    this.#externals?.kill();
  }

  #awaitExits(): void {
    this.#goneIfEmpty();
    if (this.#state === "gone") return;
    setTimeout(() => {
      if (this.#state === "gone") return;
      for (const pid of this.pids()) {
        this.#hooks.fault({ level: "error", event: "runtime.stuck", pid });
      }
      this.#gone();
    }, limits.exitWaitMs).unref();
  }

  #goneIfEmpty(): void {
    const isEmpty = this.#runtimeOver.isOpen && this.#externalsOver.isOpen;
    if (this.#state === "ending" && isEmpty) this.#gone();
  }

  #gone(): void {
    if (this.#state === "gone") return;
    this.#state = "gone";
    this.#runtime?.dispose();
    this.#externals?.dispose();
    const groups = [this.#runtime?.pid, ...(this.#externals?.groups ?? [])];
    const killed = groups.filter((group) => group !== undefined);
    const count = killed.length === 0 ? 0 : killMarked(this.#mark, killed);
    if (count > 0) this.#hooks.fault({ level: "warn", event: "env.leftover", count });
    this.#hooks.gone();
  }
}
