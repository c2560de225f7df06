import type { S3Client } from "../../../types/s3.d.ts";
import { ServiceError } from "../../client/errors.ts";
import { Session } from "../../client/session.ts";
import { S3Resource } from "./s3-resource.ts";

/** A call that the client was asked for. */
export interface StubCall {
  /** As in AWS's documentation: `PutObject`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>> | undefined;
}

/** Answers calls: the output without its metadata, or an error that is thrown. */
export type StubAnswer = (call: StubCall, index: number) => unknown;

/** S3 as resources over the real client, whose calls are answered here and go nowhere. */
export function stubS3(answer: StubAnswer = () => ({})): { s3: S3Resource; calls: StubCall[] } {
  const calls: StubCall[] = [];
  const client: S3Client = new Session().client("s3");
  client.call = async (name, input, options) => {
    const operation = name.charAt(0).toUpperCase() + name.slice(1);
    const call = { operation, input: input as never, options: options as never };
    const index = calls.push(call) - 1;
    const output = await answer(call, index);
    return {
      ...(output as object),
      $metadata: { attempts: 1, totalRetryDelay: 0, httpStatusCode: 200 },
    };
  };
  return { s3: new S3Resource(client), calls };
}

/** An error of the service. */
export function serviceError(code: string, statusCode: number): ServiceError {
  const error = new ServiceError({
    name: code,
    code,
    message: `${code} it is`,
    fault: "client",
    service: "s3",
    operation: "",
    retryable: false,
    throttling: false,
  });
  error.$metadata = { attempts: 1, totalRetryDelay: 0, httpStatusCode: statusCode };
  return error;
}
