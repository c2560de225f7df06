import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findRedisServer, startRedis } from "@lambdad/testkit";
import type { AwsSubject } from "../aws/aws-subjects.ts";
import { originOf, type StartedAws } from "../aws/start-aws.ts";
import type { SubjectRole } from "../subject/subject.ts";

/** Names by which the report and the budgets find a store. */
export const storeNames = {
  memory: "memory:",
  redis: "redis:",
  rawRedis: "redis, SET and GET",
  file: "file:",
  rawFiles: "plain files",
} as const;

export interface StartStoresOptions {
  readonly node: string;
  readonly prefer: "build" | "sources";
  /** Takes a line about what is not measured. */
  readonly tell: (text: string) => void;
}

/** Starts Redis, and makes a folder: what is measured on them, and what they are compared with. */
export async function startStores({ node, prefer, tell }: StartStoresOptions): Promise<StartedAws> {
  const origin = originOf(prefer);
  const conditions = origin === "sources" ? ["--conditions=@lambdad/source"] : [];
  const client = path("../aws/aws-client.ts");
  const subject = (name: string, role: SubjectRole, file: string, url: string): AwsSubject => {
    const module = path(`../../aws-clients/${file}.mjs`);
    const options = role === "lambdad" ? conditions : [];
    return { name, role, url, command: [node, ...options, client, module] };
  };
  const folder = mkdtempSync(join(tmpdir(), "lambdad-benchmarks-stores-"));
  const [objects, files] = ["objects", "files"].map((name) =>
    String(pathToFileURL(join(folder, name))),
  );
  const subjects = [
    subject(storeNames.memory, "lambdad", "stores", "memory:"),
    subject(storeNames.file, "lambdad", "stores", objects ?? ""),
    subject(storeNames.rawFiles, "floor", "raw-files", files ?? ""),
  ];
  const redis = findRedisServer() === undefined ? undefined : await startRedis();
  if (redis === undefined) {
    tell("Not measured: redis: there is no redis-server (Debian: apt-get install redis-server)");
  } else {
    const url = `redis://127.0.0.1:${redis.port}`;
    subjects.push(
      subject(storeNames.redis, "lambdad", "stores", url),
      subject(storeNames.rawRedis, "floor", "raw-redis", url),
    );
  }
  return {
    url: "",
    secureUrl: undefined,
    subjects,
    origin,
    peers: "",
    variables: {},
    async stop() {
      await redis?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Path of a file, from this folder. */
function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
