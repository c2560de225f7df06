import { BoundOperation } from "../client/bound-operation.ts";
import type { Call } from "../client/call.ts";
import { prepareBytes } from "../client/request-payload.ts";
import type { OperationModel } from "../model/model.ts";
import type { Input, OperationCodec, RequestDraft } from "../protocol/protocol.ts";

/** What of a call the body's preparation reads: defaults, and an endpoint that is not AWS's. */
interface PreparedCall {
  readonly input: Input;
  readonly operation: BoundOperation;
  readonly engine: {
    readonly config: Pick<
      Call["engine"]["config"],
      | "disableRequestCompression"
      | "requestChecksumCalculation"
      | "requestMinCompressionSizeBytes"
      | "payloadSigning"
    >;
  };
  readonly boundEndpoint: Pick<Call["boundEndpoint"], "aws" | "s3" | "https" | "signer">;
}

/** Does what the client adds to a serialised request: compression, and the checksum of the body. */
export function applyClientSteps(
  model: OperationModel,
  codec: OperationCodec,
  input: Input,
  draft: RequestDraft,
): void {
  const { body } = draft;
  if (typeof body === "object" && !(body instanceof Uint8Array)) return;
  const operation = new BoundOperation({
    model,
    codec,
    problemsOf: undefined,
    endpointOf: () => {
      throw new Error("The endpoint is known");
    },
    attemptTimeoutMs: 0,
    longPolling: false,
    usesAccountId: false,
    responseChecksums: "WHEN_REQUIRED",
  });
  const call: PreparedCall = {
    input,
    operation,
    engine: {
      config: {
        disableRequestCompression: false,
        requestChecksumCalculation: "WHEN_REQUIRED",
        requestMinCompressionSizeBytes: 10_240,
        payloadSigning: false,
      },
    },
    boundEndpoint: { aws: false, s3: false, https: true, signer: undefined },
  };
  prepareBytes(call as Call, draft, body);
}
