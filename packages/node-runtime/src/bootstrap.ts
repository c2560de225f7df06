#!/usr/bin/env node
// `lambdad-node-runtime [HANDLER]`: the start script of the runtime, for whoever gives the command
// line himself. As AWS's own, it runs the runtime, or AWS_LAMBDA_EXEC_WRAPPER with the runtime's command.
import { wrappedCommand, wrapperVariable } from "./exec-wrapper.ts";
import { mainPath } from "./main-path.ts";

const wrapper = process.env[wrapperVariable] ?? "";
if (wrapper === "") await import("./main.ts");
else becomeWrapper();

/** The wrapper takes over this process: its id, its output, the signals to it and its exit status. */
function becomeWrapper(): void {
  const { execPath, execArgv, argv, env } = process;
  const { file, args } = wrappedCommand(execPath, [...execArgv, mainPath]);
  const [handler] = argv.slice(2);
  if (process.execve === undefined) {
    process.stderr.write(`Cannot start the wrapper '${wrapper}': not on this platform\n`);
    process.exit(1);
  }
  process.execve(
    file,
    [file, ...args],
    handler === undefined ? env : { ...env, _HANDLER: handler },
  );
}
