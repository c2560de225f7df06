import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "../amqp/program.ts";
import { buildAioboto3Python, buildAwsPeers } from "../runtime/builds.ts";
import { awsNames, type AwsSubject, awsSubjects } from "./aws-subjects.ts";

/** The stand-in for AWS, and the clients. */
export interface StartedAws {
  readonly url: string;
  /** `undefined`: no certificate could be made. */
  readonly secureUrl: string | undefined;
  readonly subjects: readonly AwsSubject[];
  /** What our package was measured from. */
  readonly origin: "build" | "sources";
  /** Folder of the peers; empty: none. */
  readonly peers: string;
  /** Variables of the clients: nothing of the user's AWS configuration, and whom TLS trusts. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface StartAwsOptions {
  readonly node: string;
  readonly signal: AbortSignal;
  readonly prefer: "build" | "sources";
  /** Names of the clients to measure; empty: all. */
  readonly clients: readonly string[];
  /** Takes a line about what is not measured. */
  readonly tell: (text: string) => void;
}

/** Starts the stand-in and finds the clients. */
export async function startAws(options: StartAwsOptions): Promise<StartedAws> {
  const { node, signal, tell } = options;
  const folder = mkdtempSync(join(tmpdir(), "lambdad-benchmarks-aws-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const hasCertificate = makeCertificate(cert, key, tell);
  const standIn = fileURLToPath(new URL("stand-in.ts", import.meta.url));
  const command = [node, standIn, ...(hasCertificate ? [cert, key] : [])];
  const server = Program.start(command, { speaks: true });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const answer = await server.ask(undefined, signal);
    const { http, https } = JSON.parse(answer) as { http: number; https?: number };
    const origin = originOf(options.prefer);
    const peers = builtOrTold("clients of AWS", buildAwsPeers(), tell);
    const python = builtOrTold("aioboto3", buildAioboto3Python(), tell);
    return {
      url: `http://127.0.0.1:${http}`,
      secureUrl: https === undefined ? undefined : `https://127.0.0.1:${https}`,
      subjects: chosen(awsSubjects({ node, origin, peers, python }), options.clients),
      origin,
      peers: peers ?? "",
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

/**
 * Ratios are over the official SDK, which is always there.
 *
 * @throws {TypeError} when there is no client of a name.
 */
function chosen(subjects: readonly AwsSubject[], clients: readonly string[]): AwsSubject[] {
  for (const client of clients) {
    if (subjects.some(({ name }) => name === client)) continue;
    const names = subjects.map(({ name }) => name).join(", ");
    throw new TypeError(`Cannot find the client '${client}': there are ${names}`);
  }
  return subjects.filter(
    ({ name }) => clients.length === 0 || clients.includes(name) || name === awsNames.sdk,
  );
}

/** Ends the stand-in, if it was started. What kept it from starting has been told. */
export async function stopAws(started: Promise<StartedAws> | undefined): Promise<void> {
  const aws = await started?.catch(() => undefined);
  await aws?.stop();
}

/** What our package is measured from. */
export function originOf(prefer: "build" | "sources"): "build" | "sources" {
  const dist = fileURLToPath(new URL("../../../packages/aws/dist/index.js", import.meta.url));
  return prefer === "build" && existsSync(dist) ? "build" : "sources";
}

/** The folder of what was built; what was not is told. */
export function builtOrTold(
  what: string,
  build: ReturnType<typeof buildAwsPeers>,
  tell: (text: string) => void,
): string | undefined {
  if (build.kind === "built") return build.path;
  tell(`Not measured: ${what}: ${build.reason}`);
  return undefined;
}

/** A certificate for the loopback interface that ends with the benchmark. */
export function makeCertificate(cert: string, key: string, tell: (text: string) => void): boolean {
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
