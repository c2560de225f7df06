import { fileURLToPath } from "node:url";
import type { SubjectRole } from "../subject/subject.ts";

/** A client of managed transfers that is measured. */
export interface TransferSubject {
  readonly name: string;
  readonly role: SubjectRole;
  /** Command of its process, without the URL of the stand-in and the folder of the peers. */
  readonly command: readonly string[];
}

/** Names by which the report and the budgets find a client. */
export const transferNames = {
  lambdad: "@lambdad/aws",
  sdk: "AWS SDK v3 and lib-storage, defaults",
  tuned: "lib-storage, 8 MiB × 10",
  cli: "aws s3 cp",
} as const;

export interface TransferSubjectsOptions {
  readonly node: string;
  /** The package as it is published, or its sources. */
  readonly origin: "build" | "sources";
  /** Folder with the peers' `node_modules`; `undefined`: they could not be installed. */
  readonly peers: string | undefined;
  /** Python with the AWS CLI; `undefined`: there is none. */
  readonly python: string | undefined;
}

/** Our own, then the peers. */
export function transferSubjects(options: TransferSubjectsOptions): TransferSubject[] {
  const { node, origin, peers, python } = options;
  const client = (name: string, role: SubjectRole, file: string): TransferSubject => {
    const isSources = role === "lambdad" && origin === "sources";
    const words = isSources ? ["--conditions=@lambdad/source"] : [];
    const module = path(`../../aws-clients/${file}.mjs`);
    return { name, role, command: [node, ...words, path("transfer-client.ts"), module] };
  };
  const subjects = [client(transferNames.lambdad, "lambdad", "transfers-lambdad")];
  if (peers !== undefined) {
    subjects.push(
      client(transferNames.sdk, "peer", "transfers-sdk"),
      client(transferNames.tuned, "peer", "transfers-sdk-tuned"),
    );
  }
  if (python !== undefined) {
    const command = [python, path("../../aws-clients/transfers_cli.py")];
    subjects.push({ name: transferNames.cli, role: "peer", command });
  }
  return subjects;
}

/** Path of a file, from this folder. */
function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
