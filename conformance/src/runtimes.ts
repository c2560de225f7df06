import { join } from "node:path";
import type { Part } from "./install/install-part.ts";
import {
  bashTools,
  goFunction,
  nodeRic,
  noToolchain,
  pythonRic,
  rustFunction,
} from "./install/parts.ts";
import { fixture } from "./paths.ts";

/** A real runtime with the conformance function in its language. */
export interface Runtime {
  readonly name: string;
  readonly part: Part;
  /** The runtime's command line; `stream` where streaming is a handler of its own. */
  command(folder: string, entry: "handler" | "stream"): readonly string[];
  /** The folder of the function's code. */
  readonly cwd: string;
  /** Hands the event back as it came, so that the answer can be compared byte by byte. */
  readonly byteExact: boolean;
  /** Can stream a response. */
  readonly streams: boolean;
  /** Reports an error in the middle of a stream by trailers. */
  readonly streamErrors: boolean;
  /** `errorType` that a caller sees when the function's initialisation fails. */
  readonly initErrorType: string;
}

/** Every runtime that the suite knows. The last needs no toolchain. */
export const runtimes: readonly Runtime[] = [
  {
    name: "awslambdaric (Python)",
    part: pythonRic,
    command: (folder) => [join(folder, "bin", "python"), "-m", "awslambdaric", "function.handler"],
    cwd: fixture("python"),
    byteExact: false,
    streams: false,
    streamErrors: false,
    initErrorType: "FixtureError",
  },
  {
    name: "aws-lambda-ric (Node)",
    part: nodeRic,
    command: (folder, entry) => [
      process.execPath,
      join(folder, "node_modules", "aws-lambda-ric", "index.mjs"),
      `function.${entry}`,
    ],
    cwd: fixture("node"),
    byteExact: false,
    streams: true,
    streamErrors: true,
    initErrorType: "FixtureError",
  },
  {
    name: "aws-lambda-go",
    part: goFunction,
    command: (folder) => [join(folder, "function")],
    cwd: fixture("go"),
    byteExact: true,
    streams: true,
    streamErrors: true,
    // It has no way to report an error of its initialisation: it just ends.
    initErrorType: "Runtime.ExitError",
  },
  {
    name: "lambda_runtime (Rust)",
    part: rustFunction,
    command: (folder) => [join(folder, "function")],
    cwd: fixture("rust"),
    byteExact: false,
    streams: true,
    // It writes the trailers as text into the body (runtime-api §11).
    streamErrors: false,
    initErrorType: "Runtime.ExitError",
  },
  {
    name: "bash and curl",
    part: bashTools,
    command: () => [fixture("bash", "bootstrap")],
    cwd: fixture("bash"),
    byteExact: true,
    streams: false,
    streamErrors: false,
    initErrorType: "FixtureError",
  },
  {
    name: "raw HTTP",
    part: noToolchain,
    command: () => rawCommand,
    cwd: fixture("raw"),
    byteExact: true,
    streams: true,
    streamErrors: true,
    initErrorType: "FixtureError",
  },
];

/** The function on `node:http` alone: always there, and able to misbehave. */
export const rawCommand: readonly string[] = [process.execPath, fixture("raw", "runtime.mjs")];
