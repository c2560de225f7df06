import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildAioboto3Python, buildAwsPeers } from "../runtime/builds.ts";
import { awsNames, type AwsSubject, awsSubjects } from "./aws-subjects.ts";
import { startStandIn } from "./start-stand-in.ts";

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
  const program = new URL("stand-in.ts", import.meta.url);
  const standIn = await startStandIn({ program, node, signal, tell });
  try {
    const origin = originOf(options.prefer);
    const peers = builtOrTold("clients of AWS", buildAwsPeers(), tell);
    const python = builtOrTold("aioboto3", buildAioboto3Python(), tell);
    const subjects = chosen(awsSubjects({ node, origin, peers, python }), options.clients);
    return { ...standIn, subjects, origin, peers: peers ?? "" };
  } catch (error) {
    await standIn.stop();
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
