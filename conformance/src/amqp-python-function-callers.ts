import { join } from "node:path";
import { invoke } from "./invoke.ts";
import { LineProgram } from "./line-program.ts";
import { conformanceRoot } from "./paths.ts";
import { runCommand } from "./run-command.ts";
import { type Daemon, lambdadCommand, startLambdad } from "./start-lambdad.ts";

/** What a caller of ours made of the answer. */
export type FunctionOutcome =
  | { readonly kind: "returned"; readonly payload: unknown }
  /** The function failed; `text` is all that the caller shows of it. */
  | { readonly kind: "failed"; readonly errorType: string | undefined; readonly text: string }
  /** The function was not run, or nobody answered. */
  | { readonly kind: "refused"; readonly name: string };

export interface FunctionCall {
  readonly functionName: string;
  readonly payload: unknown;
  /** JSON. */
  readonly clientContext?: unknown;
}

/** A caller of ours, pointed at one broker. */
export interface FunctionCaller {
  call(call: FunctionCall): Promise<FunctionOutcome>;
  stop(): Promise<void>;
}

/** Time of calls that nobody answers. */
const timeoutMs = 3000;
const commandMs = 60_000;

interface RpcAnswer {
  readonly payload?: unknown;
  readonly error?: Readonly<Record<"class" | "name" | "message" | "code" | "errorType", string>>;
}

/** `connect()` of `@lambdad/invoke-amqp`, in a process of its own. */
export class LibraryCaller implements FunctionCaller {
  readonly #program: LineProgram<{ calls: readonly object[] }, readonly RpcAnswer[]>;

  constructor(brokerUri: string) {
    const script = join(conformanceRoot, "clients", "rpc-client.mjs");
    const args = ["--conditions=@lambdad/source", script, brokerUri];
    this.#program = new LineProgram(process.execPath, args);
  }

  async call(call: FunctionCall): Promise<FunctionOutcome> {
    const [outcome] = await this.callAll([call]);
    if (outcome === undefined) throw new Error("Cannot get an answer: the client gave none");
    return outcome;
  }

  /** All at once, on the one connection. */
  async callAll(calls: readonly FunctionCall[]): Promise<readonly FunctionOutcome[]> {
    const questions = calls.map(({ functionName, payload, ...context }) => ({
      functionName,
      payload,
      options: { timeoutMs, ...context },
    }));
    const answers = await this.#program.ask({ calls: questions });
    return answers.map(({ payload, error }) => {
      if (error === undefined) return { kind: "returned", payload };
      if (error.class === "FunctionError") {
        return { kind: "failed", errorType: error.errorType, text: error.message };
      }
      return { kind: "refused", name: error.code ?? error.name };
    });
  }

  async stop(): Promise<void> {
    this.#program.stop();
  }
}

/** `lambdad invoke --amqp-uri`, a process per call. */
export class CommandCaller implements FunctionCaller {
  readonly #brokerUri: string;

  constructor(brokerUri: string) {
    this.#brokerUri = brokerUri;
  }

  async call({ functionName, payload, clientContext }: FunctionCall): Promise<FunctionOutcome> {
    const [file = "", ...words] = lambdadCommand;
    const args = ["invoke", "--amqp-uri", this.#brokerUri, `--timeout=${timeoutMs / 1000}`];
    if (clientContext !== undefined) args.push("--client-context", JSON.stringify(clientContext));
    const command = [...words, ...args, functionName, JSON.stringify(payload)];
    const { status, stdout, stderr } = await runCommand(file, command, { timeoutMs: commandMs });
    if (status === 0) return { kind: "returned", payload: JSON.parse(stdout.toString()) };
    const shown = stderr.toString();
    if (status === 1) return failed(stdout.toString());
    return { kind: "refused", name: /\b(\w+Exception|TimeoutError)\b/.exec(shown)?.[1] ?? shown };
  }

  async stop(): Promise<void> {}
}

/** HTTP, by way of `lambdad server`. */
export class ServerCaller implements FunctionCaller {
  readonly daemon: Daemon;

  private constructor(daemon: Daemon) {
    this.daemon = daemon;
  }

  static async start(brokerUri: string): Promise<ServerCaller> {
    const args = ["server", `--timeout=${timeoutMs / 1000}`];
    return new ServerCaller(await startLambdad(args, { AMQP_URI: brokerUri }));
  }

  async call(call: FunctionCall): Promise<FunctionOutcome> {
    return this.callWith(call, {});
  }

  async callWith(
    { functionName, payload, clientContext }: FunctionCall,
    headers: Readonly<Record<string, string>>,
  ): Promise<FunctionOutcome> {
    const context = Buffer.from(JSON.stringify(clientContext ?? null)).toString("base64");
    const own = clientContext === undefined ? {} : { "X-Amz-Client-Context": context };
    const answer = await invoke(this.daemon, JSON.stringify(payload), {
      functionName,
      headers: { ...own, ...headers },
    });
    const text = answer.body.toString();
    if (answer.status !== 200) {
      return { kind: "refused", name: String(answer.headers["x-amzn-errortype"]) };
    }
    if (answer.headers["x-amz-function-error"] === undefined) {
      return { kind: "returned", payload: JSON.parse(text) };
    }
    return failed(text);
  }

  async stop(): Promise<void> {
    await this.daemon.stop();
  }
}

/** The error may be no valid JSON: it is shown as it came. */
function failed(text: string): FunctionOutcome {
  return { kind: "failed", errorType: /"errorType":\s*"(\w+)"/.exec(text)?.[1], text };
}
