import { bodyRequestId } from "../protocol/body-request-id.ts";
import type { ResponseMetadata } from "./errors.ts";

/** `$metadata` of an output or an error: what the response said of itself, and what the call took. */
export class CallMetadata implements ResponseMetadata {
  declare readonly httpStatusCode?: number;
  declare requestId?: string | undefined;
  declare extendedRequestId?: string;
  declare cfId?: string;
  readonly attempts: number;
  readonly totalRetryDelay: number;
  declare retryQuotaExceeded?: boolean;
  readonly #headers: readonly string[];

  constructor(
    status: number | undefined,
    headers: readonly string[],
    attempts: number,
    totalRetryDelay: number,
  ) {
    if (status !== undefined) this.httpStatusCode = status;
    this.attempts = attempts;
    this.totalRetryDelay = totalRetryDelay;
    this.#headers = headers;
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string;
      if (name.charCodeAt(0) !== 120 /* x */) continue;
      if (name === "x-amzn-requestid" || name === "x-amz-request-id") {
        this.requestId = headers[i + 1] as string;
      } else if (name === "x-amz-id-2") this.extendedRequestId = headers[i + 1] as string;
      else if (name === "x-amz-cf-id") this.cfId = headers[i + 1] as string;
    }
  }

  /** Takes the request id that was in an output's body, if there was one. */
  adoptRequestId(output: Record<PropertyKey, unknown>): void {
    const id = output[bodyRequestId];
    if (id === undefined) return;
    Reflect.deleteProperty(output, bodyRequestId);
    this.requestId ??= id as string;
  }

  /** The response's headers by lower-case name; repeated ones are joined with a comma. */
  get httpHeaders(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = Object.create(null) as Record<string, string>;
    for (let i = 0; i < this.#headers.length; i += 2) {
      const name = this.#headers[i] as string;
      const value = this.#headers[i + 1] as string;
      const before = headers[name];
      headers[name] = before === undefined ? value : `${before}, ${value}`;
    }
    return headers;
  }
}

/** Value of a header in a flat list with lower-case names; the first one. */
export function headerValue(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1];
  return undefined;
}
