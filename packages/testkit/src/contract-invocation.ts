import { randomUUID } from "node:crypto";

import { type Invocation, newTraceId, payloadOf } from "@lambdad/core";

/** What the function of the contract suite is told to do: `fixtures/contract-behaviour.mjs`. */
export type ContractEvent =
  | { readonly do: "echo"; readonly value: unknown }
  | { readonly do: "context" }
  | { readonly do: "text"; readonly size: number }
  | { readonly do: "oversize" }
  | { readonly do: "bytes"; readonly base64: string }
  | { readonly do: "bytes"; readonly size: number; readonly byte?: number }
  | { readonly do: "fail"; readonly type: string; readonly message: string }
  | { readonly do: "fail"; readonly base64: string }
  | ({ readonly do: "stream"; readonly error?: ContractStreamError } & (
      | { readonly pieces: readonly string[] }
      | { readonly count: number; readonly size: number }
    ))
  | { readonly do: "sleep"; readonly ms: number }
  | { readonly do: "log"; readonly text: string; readonly times?: number }
  | { readonly do: "exit"; readonly code: number }
  | {
      readonly do: "hold";
      readonly file: string;
      readonly tag: string;
      readonly until?: string;
    };

interface ContractStreamError {
  readonly type: string;
  readonly message: string;
}

/** An invocation as a door makes it, with an id and a trace id of its own. */
export function invocationOf(
  event: ContractEvent | Uint8Array,
  members: Partial<Invocation> = {},
): Invocation {
  const functionName = members.functionName ?? "contract";
  return {
    requestId: randomUUID(),
    functionName,
    qualifier: undefined,
    invokedFunctionArn: `arn:aws:lambda:us-east-1:012345678912:function:${functionName}`,
    type: "RequestResponse",
    payload: payloadOf(event instanceof Uint8Array ? event : JSON.stringify(event)),
    contentType: "application/json",
    traceId: newTraceId(),
    clientContext: undefined,
    cognitoIdentity: undefined,
    tenantId: undefined,
    logTail: false,
    expiresAtMs: undefined,
    stream: undefined,
    ...members,
  };
}
