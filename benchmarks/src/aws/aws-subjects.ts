import { fileURLToPath } from "node:url";
import type { SubjectRole } from "../subject/subject.ts";

/** A client of AWS that is measured. */
export interface AwsSubject {
  readonly name: string;
  readonly role: SubjectRole;
  /** Command of its process, without the arguments that all of them get. */
  readonly command: readonly string[];
  /** What it calls; absent: the stand-in. */
  readonly url?: string;
  /** Command of a process that loads it and ends; absent: starts are not measured. */
  readonly startCommand?: readonly string[];
}

/** The process that starts are compared with: it has no client. */
export function withoutClient(node: string): AwsSubject {
  const words = [path("../../aws-clients/start.mjs"), path("../../aws-clients/no-client.mjs")];
  return { name: noClientName, role: "floor", command: [], startCommand: [node, ...words] };
}

/** Name of that process. */
export const noClientName = "the same process without a client";

/** Names by which the report and the budgets find a client. */
export const awsNames = {
  lambdad: "@lambdad/aws",
  floor: "hand-signed, our transport",
  undici: "hand-signed, undici dispatch",
  sdk: "AWS SDK v3, defaults",
  tuned: "AWS SDK v3, tuned",
} as const;

export interface AwsSubjectsOptions {
  readonly node: string;
  /** The package as it is published, or its sources. */
  readonly origin: "build" | "sources";
  /** Folder with the peers' `node_modules`; `undefined`: they could not be installed. */
  readonly peers: string | undefined;
  /** Python with aioboto3; `undefined`: there is none. */
  readonly python: string | undefined;
}

/** Our own, the floors, then the peers. */
export function awsSubjects({ node, origin, peers, python }: AwsSubjectsOptions): AwsSubject[] {
  const conditions = origin === "sources" ? ["--conditions=@lambdad/source"] : [];
  const client = (name: string, role: SubjectRole, file: string): AwsSubject => {
    const module = path(`../../aws-clients/${file}.mjs`);
    const options = role === "lambdad" ? conditions : [];
    return {
      name,
      role,
      command: [node, ...options, path("aws-client.ts"), module],
      startCommand: [node, ...options, path("../../aws-clients/start.mjs"), module],
    };
  };
  const ours = [
    client(awsNames.lambdad, "lambdad", "lambdad"),
    client(awsNames.floor, "floor", "hand-transport"),
  ];
  const others =
    peers === undefined
      ? []
      : [
          client(awsNames.undici, "floor", "hand-undici"),
          client(awsNames.sdk, "peer", "sdk"),
          client(awsNames.tuned, "peer", "sdk-tuned"),
          client("aws4fetch", "peer", "aws4fetch"),
          client("s3mini", "peer", "s3mini"),
          client("@aws-lite/client", "peer", "aws-lite"),
          client("minio", "peer", "minio"),
        ];
  if (python === undefined) return [...ours, ...others];
  const script = path("../../aws-clients/aioboto3_client.py");
  return [...ours, ...others, { name: "aioboto3", role: "peer", command: [python, script] }];
}

/** Path of a file, from this folder. */
function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
