import { parseArgs } from "node:util";
import { splitCommandLine } from "./subject/command-line.ts";

/** Another host to compare with: `--peer NAME=COMMAND`. */
export interface PeerOption {
  readonly name: string;
  readonly command: readonly string[];
}

export interface BenchOptions {
  readonly help: boolean;
  readonly list: boolean;
  readonly quick: boolean;
  readonly peers: readonly PeerOption[];
  readonly peerNodeRuntime: readonly string[] | undefined;
  readonly lambdad: readonly string[] | undefined;
  /** Commits of older versions to compare with. */
  readonly before: readonly string[];
  readonly goRuntime: readonly string[] | undefined;
  readonly scenarios: readonly string[];
  /** AWS clients to measure, by their names; empty: all. */
  readonly clients: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly jsonFile: string | undefined;
}

export const usage: string = `Usage: npm run bench -- [options]

  --peer NAME=COMMAND          compare with this host as well (repeatable). There is no shell. {runtime} stands for
                               the runtime's command (else it comes last), {port}, {runtimePort} and {concurrency}
                               for their values, {opt} for the folder to be taken for /opt; PORT, RUNTIME_API_PORT
                               and MAX_CONCURRENCY are set, too
  --peer-node-runtime COMMAND  what peers run where lambdad runs its own Node runtime
  --lambdad COMMAND            the daemon (default: the build if there is one, else the sources)
  --before COMMIT              compare with lambdad as it was then (repeatable); both run from sources
  --go-runtime COMMAND         the Go runtime instead of benchmarks/go-runtime
  --scenario NAME              only this scenario, or those whose names begin with NAME (repeatable)
  --client NAME                of the AWS clients only this one (repeatable), beside the official SDK
  --rounds N                   rounds over all hosts (default 3)
  --seconds N                  measured time of each host in each round (default 3)
  --quick                      a few seconds in all: finds errors, judges no figure
  --json FILE                  write everything that was measured to FILE
  --list                       list the scenarios
  --help                       this text
`;

const roundsMax = 1_000;
const secondsMax = 3_600;

/**
 * Reads the arguments.
 *
 * @throws {TypeError} when one is unknown or has a value that means nothing.
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: false,
    options: {
      peer: { type: "string", multiple: true, default: [] },
      "peer-node-runtime": { type: "string" },
      lambdad: { type: "string" },
      before: { type: "string", multiple: true, default: [] },
      "go-runtime": { type: "string" },
      scenario: { type: "string", multiple: true, default: [] },
      client: { type: "string", multiple: true, default: [] },
      rounds: { type: "string" },
      seconds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick, help, list } = values;
  const rounds = positive("--rounds", values.rounds, { fallback: quick ? 1 : 3, max: roundsMax });
  if (!Number.isInteger(rounds)) {
    throw new TypeError(`Cannot read --rounds: '${rounds}' is not a whole number`);
  }
  return {
    help,
    list,
    quick,
    peers: values.peer.map(parsePeer),
    peerNodeRuntime: command(values["peer-node-runtime"]),
    lambdad: command(values.lambdad),
    before: values.before,
    goRuntime: command(values["go-runtime"]),
    scenarios: values.scenario,
    clients: values.client,
    rounds,
    seconds: positive("--seconds", values.seconds, { fallback: quick ? 0.3 : 3, max: secondsMax }),
    jsonFile: values.json,
  };
}

function command(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : splitCommandLine(text);
}

function parsePeer(text: string): PeerOption {
  const [, name, commandLine] = /^([^=\s]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || commandLine === undefined) {
    throw new TypeError(`Cannot read --peer: '${text}' is not NAME=COMMAND`);
  }
  return { name, command: splitCommandLine(commandLine) };
}

function positive(
  option: string,
  text: string | undefined,
  { fallback, max }: { readonly fallback: number; readonly max: number },
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= max) return value;
  throw new TypeError(`Cannot read ${option}: '${text}' is not a number above 0 and up to ${max}`);
}
