import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, type ClientCall, type ClientResult, clientEnv } from "./client.ts";
import { runCommand } from "./run-command.ts";

const callMs = 60_000;

/** The AWS CLI, one process per call, as it is typed. It has no InvokeWithResponseStream. */
export class CliClient implements Client {
  readonly #python: string;
  readonly #invokeUrl: string;

  constructor(python: string, invokeUrl: string) {
    this.#python = python;
    this.#invokeUrl = invokeUrl;
  }

  async call(call: ClientCall): Promise<ClientResult> {
    const folder = await mkdtemp(join(tmpdir(), "lambdad-cli-"));
    try {
      return await this.#run(call, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async stop(): Promise<void> {}

  async #run(call: ClientCall, folder: string): Promise<ClientResult> {
    const [payload, outfile] = [join(folder, "payload"), join(folder, "answer")];
    const args = ["-m", "awscli", "lambda", "invoke", "--output", "json"];
    args.push("--endpoint-url", this.#invokeUrl, "--function-name", call.FunctionName);
    if (call.InvocationType !== undefined) args.push("--invocation-type", call.InvocationType);
    if (call.LogType !== undefined) args.push("--log-type", call.LogType);
    if (call.ClientContext !== undefined) args.push("--client-context", call.ClientContext);
    if (call.Qualifier !== undefined) args.push("--qualifier", call.Qualifier);
    if (call.Payload !== undefined) {
      await writeFile(payload, call.Payload);
      args.push("--payload", `fileb://${payload}`);
    }
    const { status, stdout, stderr } = await runCommand(this.#python, [...args, outfile], {
      env: clientEnv,
      timeoutMs: callMs,
    });
    if (status !== 0) return { error: parseError(stderr.toString()) };
    const shown = JSON.parse(stdout.toString()) as Record<string, string> & { StatusCode: number };
    return {
      status: shown.StatusCode,
      payload: await readFile(outfile, "utf8"),
      ...(shown["FunctionError"] === undefined ? {} : { functionError: shown["FunctionError"] }),
      ...(shown["ExecutedVersion"] === undefined
        ? {}
        : { executedVersion: shown["ExecutedVersion"] }),
      ...(shown["LogResult"] === undefined
        ? {}
        : { log: Buffer.from(shown["LogResult"], "base64").toString() }),
    };
  }
}

/** `An error occurred (NAME) when calling the Invoke operation (reached max retries: 0): MESSAGE`. */
const errorPattern =
  /An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: ([^]*)/;

function parseError(text: string): { name: string; message: string } {
  const match = errorPattern.exec(text);
  return { name: match?.[1] ?? "", message: (match?.[2] ?? text).trim() };
}
