import type { CallByName } from "../client/call-by-name.ts";
import type { Output } from "../protocol/protocol.ts";
import { Transfer, type TransferSeed } from "./transfer.ts";
import type { TransferContext } from "./transfer-types.ts";

/** The client of a transfer. */
export interface TransferClient {
  engine(): Promise<TransferEngine>;
  holdFor(end: (reason: unknown) => void): () => void;
}

/** What makes the calls of a transfer. */
interface TransferEngine {
  readonly sendsChecksums: boolean;
  readonly call: CallByName;
}

/** What a transfer has of its client, also while that is being closed. */
export interface TransferCalls {
  readonly call: CallByName;
  /** Whether requests get checksums without being asked for. */
  readonly sendsChecksums: () => Promise<boolean>;
}

/** Begins a transfer that its client waits for when it is closed. */
export function beginTransfer(
  client: TransferClient,
  seed: TransferSeed,
  work: (calls: TransferCalls, context: TransferContext) => Promise<Output>,
): Transfer<Output> {
  // At once: a client that is closed now waits for what has begun.
  const engine = client.engine();
  engine.catch(ignore);
  const calls: TransferCalls = {
    call: async (operation, input, options) => (await engine).call(operation, input, options),
    sendsChecksums: async () => (await engine).sendsChecksums,
  };
  const onDone = client.holdFor((reason) => transfer.abort(reason));
  const transfer = new Transfer<Output>((context) => work(calls, context), { ...seed, onDone });
  return transfer;
}

function ignore(): void {
  // The first call of the transfer has the error.
}
