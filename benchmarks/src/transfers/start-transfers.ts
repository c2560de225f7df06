import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "../amqp/program.ts";
import { builtOrTold, makeCertificate, originOf } from "../aws/start-aws.ts";
import { buildAwsCliPython, buildAwsPeers } from "../runtime/builds.ts";
import { type TransferSubject, transferSubjects } from "./transfer-subjects.ts";

/** The stand-in for S3, the clients, and a folder for their files. */
export interface StartedTransfers {
  readonly url: string;
  /** `undefined`: no certificate could be made. */
  readonly secureUrl: string | undefined;
  readonly subjects: readonly TransferSubject[];
  /** Folder of the peers; empty: none. */
  readonly peers: string;
  readonly folder: string;
  /** Variables of the clients: nothing of the user's AWS configuration, and whom TLS trusts. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
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
  const folder = mkdtempSync(join(tmpdir(), "lambdad-benchmarks-transfers-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const hasCertificate = makeCertificate(cert, key, tell);
  const standIn = fileURLToPath(new URL("transfer-stand-in.ts", import.meta.url));
  const command = [node, standIn, ...(hasCertificate ? [cert, key] : [])];
  const server = Program.start(command, { speaks: true });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const answer = await server.ask(undefined, signal);
    const { http, https } = JSON.parse(answer) as { http: number; https?: number };
    const peers = builtOrTold("clients of AWS", buildAwsPeers(), tell);
    const python = builtOrTold("the AWS CLI", buildAwsCliPython(), tell);
    return {
      url: `http://127.0.0.1:${http}`,
      secureUrl: https === undefined ? undefined : `https://127.0.0.1:${https}`,
      subjects: transferSubjects({ node, origin: originOf(options.prefer), peers, python }),
      peers: peers ?? "",
      folder,
      variables: {
        AWS_CONFIG_FILE: join(folder, "none"),
        AWS_SHARED_CREDENTIALS_FILE: join(folder, "none"),
        AWS_EC2_METADATA_DISABLED: "true",
        ...(hasCertificate ? { NODE_EXTRA_CA_CERTS: cert, AWS_CA_BUNDLE: cert } : {}),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends the stand-in, if it was started. What kept it from starting has been told. */
export async function stopTransfers(started: Promise<StartedTransfers> | undefined): Promise<void> {
  const transfers = await started?.catch(() => undefined);
  await transfers?.stop();
}
