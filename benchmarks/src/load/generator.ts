// The load generator: a process of its own, so that its CPU time is nobody else's. It carries out one
// command at a time, sent by `load-generator.ts` over the channel of child processes.
import { runEchoLoad } from "./echo-load.ts";
import type { LoadCommand, LoadFailure, LoadResult } from "./messages.ts";
import { runStreamCall } from "./stream-call.ts";

async function run(command: LoadCommand): Promise<LoadResult | LoadFailure> {
  try {
    return command.kind === "echo" ? await runEchoLoad(command) : await runStreamCall(command);
  } catch (error) {
    return { kind: "failure", reason: String(error) };
  }
}

process.on("message", (command: LoadCommand) => {
  void run(command).then((result) => process.send?.(result));
});
// The parent has gone: there is nobody to measure for.
process.on("disconnect", () => process.exit(0));
