import { BrokerError } from "@lambdad/invoke-amqp";
import { defineAwslambda } from "../awslambda.ts";
import { asError, errorBody, isError, unhandledRejection } from "../error-body.ts";
import { InvocationScope } from "../invocation-scope.ts";
import { blockOutput } from "../output.ts";
import { consoleOptionsOf, type LogError, patchConsole } from "../patch-console.ts";
import type { Profiling } from "../profiling/start-profiling.ts";
import { RuntimeError } from "../runtime-error.ts";
import type { Tracing } from "../tracing/tracing-options.ts";
import { AmqpRuntime, brokerOf } from "./amqp-runtime.ts";
import { type FunctionModule, syntaxErrorPlace } from "./function-module.ts";
import type { RuntimeOptions } from "./parse-command.ts";
import { ownVersion } from "./own-version.ts";
import { RuntimeLog } from "./runtime-log.ts";
import { functionVariables, type ServedFunction, servedFunction } from "./served-function.ts";
import { ThreadInitError } from "./thread-pool.ts";
import { UsageError, usageText } from "./usage-error.ts";

/** Exit codes; those of signals are what shells say. */
const exitCode = {
  success: 0,
  failure: 1,
  usage: 2,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** What may be wanted of a process beside what the command line says. */
export interface RuntimeProcessOptions {
  readonly options: RuntimeOptions;
  /** Takes away the broker's variables, so that the function and its children do not get them. */
  readonly hidesBroker: boolean;
  /** What the function's module is called, as far as that is known before it is loaded. */
  readonly name: string;
  readonly load: () => Promise<FunctionModule>;
}

type State =
  | { readonly kind: "starting" }
  | { readonly kind: "serving"; readonly runtime: AmqpRuntime }
  | { readonly kind: "stopping" };

/**
 * This process as the host of one function: signals, the function's console, errors that nobody caught,
 * and the exit. One per process.
 */
export class RuntimeProcess {
  readonly #options: RuntimeProcessOptions;
  readonly #log = new RuntimeLog((line) => process.stderr.write(line));
  readonly #scope = new InvocationScope(true);
  #logError: LogError = () => undefined;
  #state: State = { kind: "starting" };
  #runtime: AmqpRuntime | undefined;
  #tracing: Tracing | undefined;
  #profiling: Profiling | undefined;

  constructor(options: RuntimeProcessOptions) {
    this.#options = options;
  }

  /** Serves until a signal comes. Resolves when the queue is consumed; a failure ends the process. */
  async run(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      if (this.#state.kind === "stopping") return;
      await this.#fail(error);
    }
  }

  async #start(): Promise<void> {
    const { options, load, name } = this.#options;
    const { env } = process;
    ignoreClosedOutput();
    // SIGHUP: a terminal that closes.
    for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => void this.#signalled(signal));
    }
    process.on("beforeExit", () => {
      if (this.#state.kind === "starting") void this.#fail(unsettled());
    });
    process.on("exit", (code) => this.#exited(code));
    const broker = brokerOf(options.url, env);
    if (this.#options.hidesBroker) {
      for (const variable of ["AMQP_URI", "AMQP_USERNAME", "AMQP_PASSWORD"]) delete env[variable];
    }
    if (options.profiling) await this.#profile();
    blockOutput();
    this.#logError = patchConsole({ ...consoleOptionsOf(env), invocation: this.#scope.current });
    defineAwslambda(env, this.#scope.invokeStore());
    const given = { ...env };
    const expected = servedFunction({ name, queueName: undefined }, options, given);
    Object.assign(env, functionVariables(expected));
    const versions = `Version ${ownVersion()}, Node ${process.version}`;
    this.#log.line("INFO", `${versions}, process ${process.pid}: loading '${name}'`);
    const module = await load();
    // The module may have said something else of itself.
    const served = servedFunction(module, options, given);
    Object.assign(env, functionVariables(served));
    if (options.tracing) await this.#trace(served, broker.uri);
    const runtime = new AmqpRuntime({
      options,
      module,
      served,
      broker,
      layer: this.#tracing?.layer,
      scope: this.#scope,
      log: this.#log,
      logError: this.#logError,
    });
    this.#runtime = runtime;
    process.on("uncaughtException", (error: unknown) =>
      this.#uncaught("Uncaught Exception", error),
    );
    process.on("unhandledRejection", (reason: unknown, promise) => {
      this.#uncaught("Unhandled Promise Rejection", unhandledRejection(reason, promise));
    });
    await runtime.start();
    if (this.#state.kind === "starting") this.#state = { kind: "serving", runtime };
  }

  async #profile(): Promise<void> {
    const { startProfiling } = await import("../profiling/start-profiling.ts");
    this.#profiling = await startProfiling({ write: (text) => process.stderr.write(text) });
  }

  /** Imported only here: it takes longer to load than everything else. */
  async #trace(
    { configuration }: ServedFunction,
    broker: { readonly host: string; readonly port: number },
  ): Promise<void> {
    const { createTracing } = await import("../tracing/create-tracing.ts");
    this.#tracing = await createTracing({
      functionName: configuration.name,
      broker,
      warn: (sentence) => this.#log.line("WARN", sentence),
    });
  }

  /** The first signal stops in order, the second at once (HO-8). */
  async #signalled(signal: "SIGHUP" | "SIGINT" | "SIGTERM"): Promise<void> {
    if (this.#state.kind === "stopping") {
      this.#runtime?.kill();
      process.exit(exitCode[signal]);
    }
    this.#log.line("INFO", `${signal}: stopping; running calls have ${this.#drainSeconds()} s`);
    await this.#stop(exitCode.success);
  }

  /**
   * An error that nobody caught. The state of the process cannot be trusted any more, as on AWS, but it
   * may have a thousand other calls: the one it belongs to fails, the others may end, and so does the
   * process.
   */
  #uncaught(title: string, error: unknown): void {
    // Otherwise it is logged with the call that it fails.
    if (this.#runtime?.failCurrent(error) !== true) this.#logError(title, error);
    if (this.#state.kind === "stopping") return;
    this.#log.line("ERROR", `${title}: stopping; running calls have ${this.#drainSeconds()} s`);
    void this.#stop(exitCode.failure);
  }

  /** Only the function ends a process that is not stopping. */
  #exited(code: number): void {
    if (this.#state.kind === "stopping") return;
    const lost = this.#state.kind === "serving" ? ": what it ran goes back to the queue" : "";
    this.#log.line("ERROR", `The function has ended the process with code ${code}${lost}`);
  }

  #drainSeconds(): number {
    return this.#options.options.drainMs / 1000;
  }

  async #stop(code: number): Promise<void> {
    const wasServing = this.#state.kind === "serving";
    this.#state = { kind: "stopping" };
    try {
      if (wasServing) await this.#runtime?.stop(this.#options.options.drainMs);
      else this.#runtime?.kill();
      await this.#finish();
      this.#log.line("INFO", "Stopped");
    } catch (error) {
      this.#log.line("ERROR", `Cannot stop in order: ${asError(error).message}`);
    }
    process.exit(code);
  }

  /** Spans and profile, of the worker threads too: those end last. */
  async #finish(): Promise<void> {
    await this.#tracing?.shutdown();
    await this.#profiling?.finish();
    this.#runtime?.closeThreads();
  }

  async #fail(error: unknown): Promise<void> {
    this.#state = { kind: "stopping" };
    this.#runtime?.kill();
    if (error instanceof UsageError) {
      process.stderr.write(usageText(error));
    } else if (error instanceof BrokerError || error instanceof ThreadInitError) {
      this.#log.line("ERROR", error.message);
    } else {
      // What loading a function has thrown is the function's own error, as on AWS.
      process.stderr.write(`${failureText(error)}\n`);
    }
    try {
      await this.#finish();
    } catch (failure) {
      this.#log.line("WARN", `Cannot end in order: ${asError(failure).message}`);
    }
    process.exit(error instanceof UsageError ? exitCode.usage : exitCode.failure);
  }
}

/** Whoever reads our output may go: that is no reason to stop (HO-12). */
function ignoreClosedOutput(): void {
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
}

/** The loop is empty, and the module has not been evaluated. */
function unsettled(): RuntimeError {
  return new RuntimeError("UnsettledTopLevelAwait", "A top-level await never settles");
}

function failureText(error: unknown): string {
  if (error instanceof RuntimeError) {
    const isSyntax = error.name === "Runtime.UserCodeSyntaxError";
    const place = isSyntax ? syntaxErrorPlace(error) : "";
    const head = `lambda-runtime: ${error.name}: ${error.message}`;
    return place === "" ? head : `${head}\n${place}`;
  }
  const { errorMessage, trace } = errorBody(error);
  const text = isError(error) ? trace.join("\n") || errorMessage : `it threw ${errorMessage}`;
  return `lambda-runtime: Cannot load the function: ${text}`;
}
