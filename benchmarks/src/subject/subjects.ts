import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PeerOption } from "../options.ts";
import type { Subject } from "./subject.ts";

export interface SubjectsOptions {
  /** Node that runs lambdad, the floors and the bare Node runtime. */
  readonly node: string;
  readonly lambdad: readonly string[];
  readonly peers: readonly PeerOption[];
  readonly peerNodeRuntime: readonly string[] | undefined;
  /** Folder of the compiled floors and bare Node runtime. */
  readonly floors: string;
  /** Command of the Go runtime; `undefined` when there is none. */
  readonly goRuntime: readonly string[] | undefined;
}

/** Lambdad first, then the peers, then the floors. */
export function allSubjects(options: SubjectsOptions): Subject[] {
  const { node, floors, peers, peerNodeRuntime, goRuntime } = options;
  const goRuntimes =
    goRuntime === undefined ? {} : { go: goRuntime, "go-stream": [...goRuntime, "stream"] };
  const bareNode = [node, join(floors, "runtime/bare-node.js")];
  return [
    {
      name: "lambdad",
      role: "lambdad",
      command: options.lambdad,
      runtimes: {
        ...goRuntimes,
        node: ["run", path("../../examples/echo/echo.handler")],
        "node-stream": ["run", path("../functions/stream.handler")],
      },
    },
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

/** The daemon that is measured, and what it was made of. */
export interface LambdadCommand {
  readonly command: readonly string[];
  /** From sources it starts later and takes more memory, as Node strips their types. */
  readonly origin: "build" | "sources" | "command line";
}

/** The command that was given, else the build, else the sources. */
export function findLambdad(node: string, given: readonly string[] | undefined): LambdadCommand {
  if (given !== undefined) return { command: given, origin: "command line" };
  const built = path("../../packages/lambdad/dist/main.js");
  if (existsSync(built)) return { command: [node, built], origin: "build" };
  const source = path("../../packages/lambdad/src/main.ts");
  return { command: [node, "--conditions=@lambdad/source", source], origin: "sources" };
}

/** Path of a file, from `benchmarks/src`. */
function path(relative: string): string {
  return fileURLToPath(new URL(`../${relative}`, import.meta.url));
}
