import { once } from "node:events";
import { createServer, connect, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DaemonProcess, type Exit } from "./daemon-process.ts";
import type { Target } from "./invoke.ts";
import type { ProcessOutput } from "./process-output.ts";
import { startLambdad } from "./start-lambdad.ts";

/** What serves the function in a scenario: lambdad, or the peer that the caller named. */
export interface Host extends Target {
  readonly output: ProcessOutput;
  stop(): Promise<Exit>;
}

/**
 * `LAMBDAD_CONFORMANCE_PEER`: the command of a host with the options of AWS's emulator, words separated
 * by spaces. The runtime scenarios then run against it, less the differences of known-differences.ts.
 */
export const peerCommand: readonly string[] | undefined = process.env["LAMBDAD_CONFORMANCE_PEER"]
  ?.split(" ")
  .filter((word) => word !== "");

/** Starts the host under test with this runtime command. */
export function startHost(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Host> {
  if (peerCommand === undefined) return startLambdad(command, env, { cwd });
  return startPeer(peerCommand, command, env, cwd);
}

const peerStartMs = 10_000;

async function startPeer(
  peer: readonly string[],
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Host> {
  const [file = "", ...words] = peer;
  const [port, runtimePort] = [await freePort(), await freePort()];
  const options = [
    `--runtime-interface-emulator-address=127.0.0.1:${port}`,
    `--runtime-api-address=127.0.0.1:${runtimePort}`,
  ];
  const host = new DaemonProcess(file, [...words, ...options, ...command], {
    cwd,
    // The base images of AWS set it; the emulator takes it over.
    env: { AWS_LAMBDA_FUNCTION_NAME: "conformance", LAMBDA_TASK_ROOT: cwd, ...env },
  });
  try {
    await listening(port, host);
  } catch (error) {
    await host.stop();
    throw error;
  }
  return {
    invokeUrl: `http://127.0.0.1:${port}`,
    functionName: "function",
    output: host.output,
    stop: () => host.stop(),
  };
}

/** A port that was free a moment ago: a peer cannot choose one itself. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function listening(port: number, host: DaemonProcess): Promise<void> {
  const deadline = performance.now() + peerStartMs;
  while (performance.now() < deadline) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`Cannot reach the peer: nothing listens on ${port}\n${host.output.text}`);
}
