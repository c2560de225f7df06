import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PeerOption } from "../options.ts";
import { checkOutVersion } from "./older-version.ts";
import type { Subject } from "./subject.ts";

export interface SubjectsOptions {
  /** Node that runs lambdad, the floors and the bare Node runtime. */
  readonly node: string;
  readonly lambdad: readonly string[];
  /** Commits of older versions. */
  readonly before: readonly string[];
  readonly peers: readonly PeerOption[];
  readonly peerNodeRuntime: readonly string[] | undefined;
  /** Folder of the compiled floors and bare Node runtime. */
  readonly floors: string;
  /** Command of the Go runtime; `undefined` when there is none. */
  readonly goRuntime: readonly string[] | undefined;
}

/** Lambdad first, then its older versions, then the peers, then the floors. */
export function allSubjects(options: SubjectsOptions): Subject[] {
  const { node, floors, peers, peerNodeRuntime, goRuntime } = options;
  const goRuntimes =
    goRuntime === undefined ? {} : { go: goRuntime, "go-stream": [...goRuntime, "stream"] };
  const bareNode = [node, join(floors, "runtime/bare-node.js")];
  const ownRuntimes = {
    ...goRuntimes,
    node: ["run", path("../../examples/echo/echo.handler")],
    "node-stream": ["run", path("../functions/stream.handler")],
  };
  return [
    { name: "lambdad", role: "lambdad", command: options.lambdad, runtimes: ownRuntimes },
    ...options.before.map((commit): Subject => {
      const { name, command } = checkOutVersion(node, commit);
      return { name, role: "version", command, runtimes: ownRuntimes };
    }),
    ...peers.map(({ name, command }): Subject => {
      const nodeRuntimes = peerNodeRuntime === undefined ? {} : { node: peerNodeRuntime };
      return { name, role: "peer", command, runtimes: { ...goRuntimes, ...nodeRuntimes } };
    }),
    {
      name: "bare node:http",
      role: "floor",
      command: [node, join(floors, "floor/node-http.js")],
      runtimes: { ...goRuntimes, node: bareNode },
    },
    {
      name: "bare node:net",
      role: "floor",
      command: [node, join(floors, "floor/raw-net.js")],
      runtimes: goRuntime === undefined ? { node: bareNode } : { go: goRuntime, node: bareNode },
    },
  ];
}

/**
 * The hosts of a scenario with extensions: each without any, and those that can with two, with and
 * without telemetry. Peers can whose command has `{opt}` in it. The floors know no extensions.
 */
export function withExtensions(
  subjects: readonly Subject[],
  { node, floors }: Pick<SubjectsOptions, "node" | "floors">,
): Subject[] {
  const command = [node, join(floors, "extension/agent.js")];
  return subjects.flatMap((subject): Subject[] => {
    const { name, role } = subject;
    if (role === "floor") return [];
    const isAble = role !== "peer" || subject.command.some((word) => word.includes("{opt}"));
    if (!isAble) return [subject];
    const extended = [false, true].map((telemetry) => ({
      ...subject,
      name: `${name}, 2 extensions${telemetry ? " with telemetry" : ""}`,
      extensions: { command, count: 2, telemetry },
    }));
    return [subject, ...extended];
  });
}

/** The daemon that is measured, and what it was made of. */
export interface LambdadCommand {
  readonly command: readonly string[];
  /** From sources it starts later and takes more memory, as Node strips their types. */
  readonly origin: "build" | "sources" | "command line";
}

/** The command that was given, else the build if that is preferred, else the sources. */
export function findLambdad(
  node: string,
  given: readonly string[] | undefined,
  prefer: "build" | "sources",
): LambdadCommand {
  if (given !== undefined) return { command: given, origin: "command line" };
  const built = path("../../packages/lambdad/dist/main.js");
  if (prefer === "build" && existsSync(built)) return { command: [node, built], origin: "build" };
  const source = path("../../packages/lambdad/src/main.ts");
  return { command: [node, "--conditions=@lambdad/source", source], origin: "sources" };
}

/** Path of a file, from `benchmarks/src`. */
function path(relative: string): string {
  return fileURLToPath(new URL(`../${relative}`, import.meta.url));
}
