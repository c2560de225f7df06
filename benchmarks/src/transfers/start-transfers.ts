import { builtOrTold, originOf } from "../aws/start-aws.ts";
import { type StandIn, startStandIn } from "../aws/start-stand-in.ts";
import { buildAwsCliPython, buildAwsPeers } from "../runtime/builds.ts";
import { type TransferSubject, transferSubjects } from "./transfer-subjects.ts";

/** The stand-in for S3, the clients, and a folder for their files. */
export interface StartedTransfers extends StandIn {
  readonly subjects: readonly TransferSubject[];
  /** Folder of the peers; empty: none. */
  readonly peers: string;
}

export interface StartTransfersOptions {
  readonly node: string;
  readonly signal: AbortSignal;
  readonly prefer: "build" | "sources";
  /** Takes a line about what is not measured. */
  readonly tell: (text: string) => void;
}

/** Starts the stand-in and finds the clients. */
export async function startTransfers(options: StartTransfersOptions): Promise<StartedTransfers> {
  const { node, signal, tell } = options;
  const program = new URL("transfer-stand-in.ts", import.meta.url);
  const standIn = await startStandIn({ program, node, signal, tell });
  try {
    const peers = builtOrTold("clients of AWS", buildAwsPeers(), tell);
    const python = builtOrTold("the AWS CLI", buildAwsCliPython(), tell);
    const subjects = transferSubjects({ node, origin: originOf(options.prefer), peers, python });
    return { ...standIn, subjects, peers: peers ?? "" };
  } catch (error) {
    await standIn.stop();
    throw error;
  }
}

/** Ends the stand-in, if it was started. What kept it from starting has been told. */
export async function stopTransfers(started: Promise<StartedTransfers> | undefined): Promise<void> {
  const transfers = await started?.catch(() => undefined);
  await transfers?.stop();
}
