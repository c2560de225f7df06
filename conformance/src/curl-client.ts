import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, ClientCall, ClientResult } from "./client.ts";
import { readStreamedResult } from "./event-stream.ts";
import { runCommand } from "./run-command.ts";

const callMs = 60_000;

/** curl, one process per call. It sends `Expect: 100-continue` by itself for large bodies (HT-15). */
export class CurlClient implements Client {
  readonly #invokeUrl: string;

  constructor(invokeUrl: string) {
    this.#invokeUrl = invokeUrl;
  }

  async call(call: ClientCall): Promise<ClientResult> {
    const folder = await mkdtemp(join(tmpdir(), "lambdad-curl-"));
    try {
      return await this.#run(call, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async stop(): Promise<void> {}

  async #run(call: ClientCall, folder: string): Promise<ClientResult> {
    const payload = join(folder, "payload");
    const head = join(folder, "head");
    const body = join(folder, "body");
    await writeFile(payload, call.Payload ?? "");
    const args = ["-sS", "-N", "-D", head, "-o", body, "--data-binary", `@${payload}`];
    const headers: Record<string, string | undefined> = {
      "X-Amz-Invocation-Type": call.InvocationType,
      "X-Amz-Log-Type": call.LogType,
      "X-Amz-Client-Context": call.ClientContext,
    };
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) args.push("-H", `${name}: ${value}`);
    }
    const { status, stderr } = await runCommand("curl", [...args, this.#url(call)], {
      timeoutMs: callMs,
    });
    if (status !== 0) return { error: { name: "", message: stderr.toString() } };
    const bytes = await readFile(body).catch(() => Buffer.alloc(0));
    return toResult(await readFile(head, "latin1"), bytes, call);
  }

  #url({ FunctionName, Qualifier, stream = false }: ClientCall): string {
    const name = encodeURIComponent(FunctionName);
    const path = stream
      ? `/2021-11-15/functions/${name}/response-streaming-invocations`
      : `/2015-03-31/functions/${name}/invocations`;
    const query = Qualifier === undefined ? "" : `?Qualifier=${encodeURIComponent(Qualifier)}`;
    return `${this.#invokeUrl}${path}${query}`;
  }
}

function toResult(head: string, body: Buffer, call: ClientCall): ClientResult {
  // The last block of headers: the first may be `100 Continue`.
  const [statusLine = "", ...lines] = (head.trim().split("\r\n\r\n").at(-1) ?? "").split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const status = Number(statusLine.split(" ")[1]);
  const requestId = headers.get("x-amzn-requestid") ?? "";
  if (status >= 400) {
    const { message, Message, Reason } = JSON.parse(body.toString()) as Record<string, string>;
    return {
      error: {
        name: headers.get("x-amzn-errortype") ?? "",
        message: message ?? Message ?? "",
        status,
        requestId,
        ...(Reason === undefined ? {} : { reason: Reason }),
        ...(headers.has("retry-after") ? { retryAfter: headers.get("retry-after") ?? "" } : {}),
      },
    };
  }
  const executedVersion = headers.get("x-amz-executed-version");
  const common = {
    status,
    requestId,
    ...(executedVersion === undefined ? {} : { executedVersion }),
  };
  if (call.stream === true && status === 200) {
    const { payload, complete } = readStreamedResult(body);
    return {
      ...common,
      payload: payload.toString(),
      complete: {
        errorCode: complete.ErrorCode ?? null,
        errorDetails: complete.ErrorDetails ?? null,
        log: decode(complete.LogResult) ?? null,
      },
    };
  }
  const functionError = headers.get("x-amz-function-error");
  const log = decode(headers.get("x-amz-log-result"));
  return {
    ...common,
    payload: body.toString(),
    ...(functionError === undefined ? {} : { functionError }),
    ...(log === undefined ? {} : { log }),
  };
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString();
}
