import { execFile, type ExecFileException } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where a private RabbitMQ lives: its folder, its name and its ports. */
export interface BrokerNode {
  /** Everything of it is below: configuration, data, cookie, output. */
  readonly folder: string;
  /** The Erlang node. */
  readonly name: string;
  /** AMQP, on 127.0.0.1. */
  readonly port: number;
  readonly distributionPort: number;
  readonly epmdPort: number;
}

const commandMs = 60_000;
const outputBytesMax = 16 * 1024 * 1024;

/** Debian's own `rabbitmq-server` on the PATH changes to the user `rabbitmq`; this one does not. */
const debianServer = "/usr/lib/rabbitmq/bin/rabbitmq-server";

const missing =
  "Cannot start a broker: rabbitmq-server is not installed. Install it " +
  "(Debian, Ubuntu: apt-get install rabbitmq-server; macOS: brew install rabbitmq)";

/** Path of the RabbitMQ server; undefined when it is not installed. */
export function findBrokerServer(): string | undefined {
  const folders = searchPath().split(delimiter);
  return [debianServer, ...folders.map((folder) => join(folder, "rabbitmq-server"))].find((file) =>
    existsSync(file),
  );
}

/** As `findBrokerServer`. @throws {Error} that says what to install. */
export function requireBrokerServer(): string {
  const server = findBrokerServer();
  if (server === undefined) throw new Error(missing);
  return server;
}

/** The Erlang tools are in `/usr/bin`, RabbitMQ's in `/usr/sbin`: not on every user's PATH. */
function searchPath(): string {
  const fixed = ["/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  return [process.env["PATH"] ?? "", ...fixed].join(delimiter);
}

/** The variables of everything that belongs to the node; nothing of this process but the PATH. */
export function brokerVariables(node: BrokerNode): Record<string, string> {
  const inFolder = (name: string): string => join(node.folder, name);
  return {
    PATH: searchPath(),
    // The Erlang cookie is there.
    HOME: node.folder,
    LANG: "C.UTF-8",
    ERL_CRASH_DUMP_SECONDS: "0",
    ERL_EPMD_PORT: String(node.epmdPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_NODENAME: node.name,
    RABBITMQ_DIST_PORT: String(node.distributionPort),
    RABBITMQ_CONF_ENV_FILE: inFolder("rabbitmq-env.conf"),
    RABBITMQ_CONFIG_FILE: inFolder("rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: inFolder("enabled_plugins"),
    RABBITMQ_MNESIA_BASE: inFolder("data"),
    RABBITMQ_LOG_BASE: inFolder("log"),
    // Standard output: with what the Erlang machine itself says it is one text.
    RABBITMQ_LOGS: "-",
    // The start script becomes the Erlang machine: the process id is that of the broker.
    RABBITMQ_ALLOW_INPUT: "1",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      "-noinput",
      "-start_epmd false",
      "-kernel inet_dist_use_interface {127,0,0,1}",
      // Idle schedulers sleep at once: what is measured or tested beside it needs the processor.
      "+sbwt none +sbwtdcpu none +sbwtdio none",
    ].join(" "),
  };
}

/** Runs `rabbitmqctl` against the node. It starts an Erlang machine: 0.5 to 2 s. */
export async function runControl(node: BrokerNode, args: readonly string[]): Promise<string> {
  const file = join(requireBrokerServer(), "..", "rabbitmqctl");
  const all = ["--quiet", "--node", node.name, ...args];
  return await execute(file, all, { node, what: `rabbitmqctl ${args.join(" ")}` });
}

/**
 * Evaluates an Erlang expression in the node with `erl_call`, in some milliseconds. Its value must have
 * a JSON form: atoms and binaries are strings, maps are objects.
 *
 * @throws {Error} with the Erlang error when the expression fails.
 */
export async function evaluateInNode(node: BrokerNode, expression: string): Promise<unknown> {
  // Base64 both ways: `erl_call` prints terms, and escapes nothing in them.
  const input = `try base64:encode_to_string(rabbit_json:encode(begin ${expression} end)) of
    Text -> "J" ++ Text
  catch Class:Reason:Stack ->
    "E" ++ base64:encode_to_string(unicode:characters_to_binary(
      io_lib:format("~p: ~p ~p", [Class, Reason, Stack])))
  end.`;
  const args = ["-sname", node.name, "-e"];
  const line = `${input.replaceAll(/\s*\n\s*/g, " ")}\n`;
  const output = await execute("erl_call", args, { node, what: "erl_call", input: line });
  const [, kind, base64 = ""] = /"([EJ])([A-Za-z0-9+/=]*)"/.exec(output) ?? [];
  const text = Buffer.from(base64, "base64").toString();
  if (kind === "J") return JSON.parse(text) as unknown;
  throw new Error(`Cannot evaluate '${expression}': ${text === "" ? output : text}`);
}

interface ExecuteOptions {
  readonly node: BrokerNode;
  /** For the error's text. */
  readonly what: string;
  readonly input?: string;
}

function execute(file: string, args: readonly string[], options: ExecuteOptions): Promise<string> {
  const { node, what, input = "" } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      {
        cwd: node.folder,
        env: brokerVariables(node),
        timeout: commandMs,
        killSignal: "SIGKILL",
        maxBuffer: outputBytesMax,
      },
      (error: ExecFileException | null, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const reason =
          error.killed === true ? `no answer within ${commandMs / 1000} s` : error.message;
        const output = `${stdout}${stderr}`.trim().slice(-2_000);
        reject(new Error(`Cannot run '${what}': ${reason}\n${output}`, { cause: error }));
      },
    );
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}
