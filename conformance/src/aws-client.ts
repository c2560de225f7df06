import { ServiceError, Session } from "@lambdad/aws";
import type { Client, ClientCall, ClientError, ClientResult } from "./client.ts";

/** `@lambdad/aws`, in this process. */
export class AwsClient implements Client {
  readonly #session: Session;

  constructor(endpoint: string) {
    const credentials = { accessKeyId: "conformance", secretAccessKey: "conformance" };
    const region = "us-east-1";
    this.#session = new Session({ endpoint, region, credentials, maxAttempts: 1 });
  }

  async call(call: ClientCall): Promise<ClientResult> {
    try {
      return await (call.stream === true ? this.#stream(call) : this.#invoke(call));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { error: clientError(error) };
    }
  }

  async #invoke({ stream: _stream, ...input }: ClientCall): Promise<ClientResult> {
    const answer = await this.#session.client("lambda").invoke(input);
    return {
      status: answer.StatusCode,
      payload: Buffer.from(answer.Payload ?? []).toString(),
      functionError: answer.FunctionError,
      executedVersion: answer.ExecutedVersion,
      log: decoded(answer.LogResult),
      requestId: answer.$metadata.requestId,
    } as ClientResult;
  }

  async #stream({ stream: _stream, ...input }: ClientCall): Promise<ClientResult> {
    const lambda = this.#session.client("lambda");
    const answer = await lambda.invokeWithResponseStream(input);
    const pieces: Uint8Array[] = [];
    let complete: ClientResult["complete"];
    for await (const event of answer.EventStream ?? []) {
      const { PayloadChunk: chunk, InvokeComplete: end } = event;
      if (chunk?.Payload !== undefined) pieces.push(chunk.Payload);
      if (end === undefined) continue;
      const { ErrorCode: errorCode, ErrorDetails: errorDetails, LogResult } = end;
      complete = { errorCode, errorDetails, log: decoded(LogResult) } as ClientResult["complete"];
    }
    return {
      status: answer.StatusCode,
      payload: Buffer.concat(pieces).toString(),
      executedVersion: answer.ExecutedVersion,
      requestId: answer.$metadata.requestId,
      complete,
    } as ClientResult;
  }

  stop(): Promise<void> {
    return this.#session.close();
  }
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString();
}

function clientError(error: Error): ClientError {
  const { Reason, retryAfterSeconds } = error as { Reason?: string; retryAfterSeconds?: string };
  const known = error instanceof ServiceError ? error : undefined;
  return {
    class: error.constructor.name,
    name: error.name,
    message: error.message,
    status: known?.statusCode,
    requestId: known?.requestId,
    reason: Reason,
    retryAfter: retryAfterSeconds,
  } as ClientError;
}
