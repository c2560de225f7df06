import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type BrokerNode,
  brokerVariables,
  evaluateInNode,
  requireBrokerServer,
  runControl,
} from "./broker-node.ts";
import { brokerAnswers } from "./broker-probe.ts";
import { ProcessGuard } from "./process-guard.ts";
import { unusedPort } from "./telemetry-sink.ts";

export interface BrokerOptions {
  /** Lines of `rabbitmq.conf`, e.g. `consumer_timeout = 10000`. */
  readonly configuration?: readonly string[];
  /** E.g. `rabbitmq_management`. Default: none. */
  readonly plugins?: readonly string[];
}

/** A queue of a broker, as its owner sees it. */
export interface BrokerQueue {
  readonly name: string;
  readonly durable: boolean;
  readonly ready: number;
  readonly unacknowledged: number;
  readonly consumers: number;
}

/** A node that has been started takes 2 to 5 s, on a busy machine more. */
const startMs = 120_000;
const epmdMs = 10_000;
const endMs = 10_000;
const startsMax = 3;
const linesShown = 20;

/**
 * A private RabbitMQ: own node, own ports on 127.0.0.1, own folders, nothing of it left at the end. It
 * does not keep the process alive, and ends with it, also when that is killed.
 *
 * @throws {Error} when RabbitMQ is not installed (it says what to install), or with the end of its output.
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  for (let attempt = 1; ; attempt += 1) {
    const broker = new Broker(await makeNode(options));
    try {
      await broker.start();
      return broker;
    } catch (error) {
      const { log } = broker;
      await broker.stop();
      // Another process took the port between the look and the start.
      if (attempt === startsMax || !/eaddrinuse|epmd_running/.test(log)) throw error;
    }
  }
}

/** See `startBroker`. What disturbs it is for private brokers only, which is why this one is private. */
export class Broker {
  /** With the default user, who may do everything: `amqp://guest:guest@127.0.0.1:PORT`. */
  readonly uri: string;
  readonly port: number;
  /** Its files; removed by `stop()`. Its processes have it as their working directory. */
  readonly folder: string;
  readonly #node: BrokerNode;
  readonly #guard: ProcessGuard;
  #epmd: ChildProcess | undefined;
  #server: ChildProcess | undefined;

  /** Starts nothing: see `startBroker`. */
  constructor(node: BrokerNode) {
    this.#node = node;
    this.port = node.port;
    this.folder = node.folder;
    this.uri = `amqp://guest:guest@127.0.0.1:${node.port}`;
    this.#guard = new ProcessGuard(node.folder);
  }

  /** The process id of the Erlang machine. @throws {Error} when it does not run. */
  get pid(): number {
    const { pid } = this.#server ?? {};
    if (pid === undefined) throw new Error("Cannot tell the process id: the broker does not run");
    return pid;
  }

  /** What it has written, all starts together. */
  get log(): string {
    try {
      return readFileSync(join(this.#node.folder, "output"), "utf8");
    } catch {
      return "";
    }
  }

  /** After `kill()`: the same broker again, with its ports and its durable queues. */
  async start(): Promise<void> {
    if (isRunning(this.#server)) return;
    const file = requireBrokerServer();
    if (!isRunning(this.#epmd)) {
      this.#epmd = this.#spawn("epmd", ["-port", String(this.#node.epmdPort)]);
      await this.#until("epmd listens", () => accepts(this.#node.epmdPort), epmdMs, this.#epmd);
    }
    const server = this.#spawn(file, []);
    this.#server = server;
    this.#guardThem();
    await this.#until("it answers", () => brokerAnswers(this.uri), startMs, server);
  }

  /** Ends it at once, and removes what it had. Safe to call twice. */
  async stop(): Promise<void> {
    await end(this.#server);
    await end(this.#epmd);
    this.#server = undefined;
    this.#epmd = undefined;
    this.#guardThem();
    await this.#guard.end();
  }

  /**
   * SIGKILL, as when its machine is lost. `start()` starts it again. What was declared is on disk then:
   * the broker itself writes that a moment after it has said so, and a test would meet that by chance.
   */
  async kill(): Promise<void> {
    // It fails while the broker is stopped, which has written everything.
    await this.evaluate("mnesia:sync_log()").catch(() => undefined);
    await end(this.#server);
    this.#server = undefined;
    this.#guardThem();
  }

  /** SIGSTOP: its connections stay open, and nothing moves any more. */
  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  /** SIGCONT. */
  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }

  /** Runs `rabbitmqctl` with everything that it knows, in 0.5 to 2 s. Resolves with its output. */
  async control(...args: readonly string[]): Promise<string> {
    return await runControl(this.#node, args);
  }

  /** Evaluates an Erlang expression in the node, in some milliseconds; the value as JSON has it. */
  async evaluate(expression: string): Promise<unknown> {
    return await evaluateInNode(this.#node, expression);
  }

  /** `rabbitmqctl stop_app`: every connection is closed with 320, the port is closed. */
  async stopApp(): Promise<void> {
    await this.evaluate("rabbit:stop()");
  }

  /** `rabbitmqctl start_app`. Transient queues are gone. */
  async startApp(): Promise<void> {
    await this.evaluate("rabbit:start()");
  }

  /** `rabbitmqctl close_all_connections`. Resolves with their number. */
  async closeConnections(reason = "closed by a test"): Promise<number> {
    const closed = `[rabbit_networking:close_connection(Pid, ${binary(reason)}) || Pid <- rabbit_networking:connections()]`;
    return (await this.evaluate(`length(${closed})`)) as number;
  }

  /** `rabbitmqctl set_vm_memory_high_watermark 0`, or back: publishing connections are blocked. */
  async setMemoryAlarm(isOn: boolean): Promise<void> {
    await this.evaluate(`vm_memory_monitor:set_vm_memory_high_watermark(${isOn ? "0.0" : "0.4"})`);
  }

  /** `rabbitmqctl delete_queue`: its consumers are cancelled. Resolves with whether there was one. */
  async deleteQueue(name: string): Promise<boolean> {
    const resource = `rabbit_misc:r(<<"/">>, queue, ${binary(name)})`;
    const expression = `case rabbit_amqqueue:lookup(${resource}) of
      {ok, Queue} -> rabbit_amqqueue:delete(Queue, false, false, <<"test">>), true;
      _ -> false
    end`;
    return (await this.evaluate(expression)) as boolean;
  }

  /** The queues of the virtual host `/`. */
  async queues(): Promise<readonly BrokerQueue[]> {
    const items = "name, durable, messages_ready, messages_unacknowledged, consumers";
    return (await this.evaluate(`[#{
      name => element(4, proplists:get_value(name, Info)),
      durable => proplists:get_value(durable, Info),
      ready => proplists:get_value(messages_ready, Info),
      unacknowledged => proplists:get_value(messages_unacknowledged, Info),
      consumers => proplists:get_value(consumers, Info)
    } || Info <- rabbit_amqqueue:info_all(<<"/">>, [${items}])]`)) as readonly BrokerQueue[];
  }

  /** The number of open AMQP connections. */
  async connections(): Promise<number> {
    return (await this.evaluate("length(rabbit_networking:connections())")) as number;
  }

  #spawn(file: string, args: readonly string[]): ChildProcess {
    const output = openSync(join(this.#node.folder, "output"), "a");
    const child = spawn(file, args, {
      cwd: this.#node.folder,
      env: brokerVariables(this.#node),
      // Its own session: Ctrl-C in a terminal ends the tests, which end it.
      detached: true,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    child.on("error", () => {});
    child.on("exit", () => this.#guardThem());
    child.unref();
    return child;
  }

  #guardThem(): void {
    const running = [this.#server, this.#epmd].filter((child) => isRunning(child));
    this.#guard.watch(running.map((child) => child?.pid ?? 0));
  }

  async #until(
    what: string,
    condition: () => Promise<boolean>,
    limitMs: number,
    child: ChildProcess,
  ): Promise<void> {
    const untilMs = performance.now() + limitMs;
    while (!(await condition())) {
      const isGone = !isRunning(child);
      if (!isGone && performance.now() < untilMs) {
        await sleep(50);
        continue;
      }
      const reason = isGone ? "it ended before" : `not within ${limitMs / 1000} s:`;
      throw new Error(`Cannot start a broker: ${reason} ${what}\n${shorten(this.log)}`);
    }
  }
}

/** Chooses ports, and writes the node's files. */
async function makeNode({ configuration = [], plugins = [] }: BrokerOptions): Promise<BrokerNode> {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-broker-"));
  const port = await unusedPort();
  const node: BrokerNode = {
    folder,
    name: `rabbit-${randomBytes(4).toString("hex")}@localhost`,
    port,
    distributionPort: await unusedPort(),
    epmdPort: await unusedPort(),
  };
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    "disk_free_limit.absolute = 10MB",
    ...configuration,
  ];
  writeFileSync(join(folder, "rabbitmq.conf"), `${lines.join("\n")}\n`);
  writeFileSync(join(folder, "enabled_plugins"), `[${plugins.join(",")}].\n`);
  const cookie = randomBytes(16).toString("hex");
  writeFileSync(join(folder, ".erlang.cookie"), cookie, { mode: 0o400 });
  return node;
}

function isRunning(child: ChildProcess | undefined): boolean {
  if (child?.pid === undefined) return false;
  return child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || !isRunning(child)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, endMs);
  child.ref();
  child.once("exit", () => resolve());
  child.kill("SIGKILL");
  await promise;
  clearTimeout(timer);
}

async function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

/** The first errors, which say why, and the end, which says what came of them. */
function shorten(log: string): string {
  const lines = log.trimEnd().split(/\r?\n/);
  const errors = lines.filter((line) => line.includes("[error]")).slice(0, linesShown);
  const last = lines.slice(-linesShown).filter((line) => !errors.includes(line));
  return [...errors, ...last].map((line) => line.slice(0, 300)).join("\n");
}

/** An Erlang binary, whatever is in the text. */
function binary(text: string): string {
  return `base64:decode("${Buffer.from(text).toString("base64")}")`;
}
