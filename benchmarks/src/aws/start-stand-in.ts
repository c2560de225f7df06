import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "../amqp/program.ts";

/** A stand-in for AWS that answers, over HTTP and HTTPS. */
export interface StandIn {
  readonly url: string;
  /** `undefined`: no certificate could be made. */
  readonly secureUrl: string | undefined;
  /** A folder that goes with it. */
  readonly folder: string;
  /** Variables of the clients: nothing of the user's AWS configuration, and whom TLS trusts. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface StandInOptions {
  /** Its program: takes the files of a certificate and a key, and says its ports when it is asked. */
  readonly program: URL;
  readonly node: string;
  readonly signal: AbortSignal;
  /** Takes a line about what is not measured. */
  readonly tell: (text: string) => void;
}

/** Starts a stand-in in a process of its own. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { program, node, signal, tell } = options;
  const folder = mkdtempSync(join(tmpdir(), "lambdad-benchmarks-aws-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const hasCertificate = makeCertificate(cert, key, tell);
  const command = [node, fileURLToPath(program), ...(hasCertificate ? [cert, key] : [])];
  const server = Program.start(command, { speaks: true });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const answer = await server.ask(undefined, signal);
    const { http, https } = JSON.parse(answer) as { http: number; https?: number };
    return {
      url: `http://127.0.0.1:${http}`,
      secureUrl: https === undefined ? undefined : `https://127.0.0.1:${https}`,
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

/** A certificate for the loopback interface that ends with the benchmark. */
function makeCertificate(cert: string, key: string, tell: (text: string) => void): boolean {
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const kind = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
  ];
  try {
    const files = ["-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", "-x509", ...kind, ...files, ...subject], { stdio: "pipe" });
    return true;
  } catch (error) {
    tell(`Not measured: TLS: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
