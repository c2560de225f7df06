import type { CallByName } from "../client/call-by-name.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import type { BodySource } from "../request-body/body-source.ts";
import { SentCount } from "./sent-count.ts";
import type { TransferSettings } from "./transfer-settings.ts";
import type { TransferContext } from "./transfer-types.ts";

/** An upload, ready to begin. */
export interface UploadRequest {
  readonly call: CallByName;
  /** Whether requests get checksums without being asked for. */
  readonly sendsChecksums: boolean;
  /** The input of PutObject. */
  readonly params: Input;
  readonly settings: TransferSettings;
  readonly context: TransferContext;
}

/** Uploads a whole body that can be read again with PutObject. */
export async function putWhole(
  body: BodySource | Buffer,
  length: number,
  { call, params, context: { signal, progress } }: UploadRequest,
): Promise<Output> {
  progress.total = length;
  const count = new SentCount(progress, length);
  const input = { ...params, Body: count.body(body), ContentLength: undefined };
  const output = await call("PutObject", input, { signal });
  count.finish();
  return output;
}

/** The length that the caller says a body has. @throws TypeError, RangeError */
export function declaredLength({ ContentLength: given }: Input): number | undefined {
  if (given === undefined || given === null) return undefined;
  const length = typeof given === "bigint" ? Number(given) : given;
  if (typeof length === "number" && Number.isSafeInteger(length) && length >= 0) return length;
  const shown = typeof length === "number" ? `"${length}"` : `of type ${typeof given}`;
  throw new RangeError(`Cannot upload with a ContentLength ${shown}: give a number of bytes`);
}

/** The error of a body that is not as long as was said. */
export function lengthDiffers(params: Input, found: string): RangeError {
  return new RangeError(
    `Cannot upload "${String(params["Key"])}": its body has ${found} bytes, and ContentLength says ${String(params["ContentLength"])}`,
  );
}
