/**
 * Name of the variable that carries NODE_OPTIONS for the function past the restart of a daemon that has
 * left its agents.
 */
export const functionNodeOptionsVariable = "LAMBDAD_FUNCTION_NODE_OPTIONS";

/** An option that loads a module, as Node reads NODE_OPTIONS: words, in which quotes keep spaces. */
const preload =
  /(?<!\S)(?:-r|--require|--import|--(?:experimental-)?loader)(?:=|\s+)(?:"(?:\\.|[^"\\])*"|\S+)/g;

/** What NODE_OPTIONS says apart from modules to load; `undefined` when it names none. Pure. */
export function withoutAgents(nodeOptions: string): string | undefined {
  const rest = nodeOptions.replace(preload, "");
  return rest === nodeOptions ? undefined : rest.trim();
}

export interface AgentsOptions {
  /** The process's arguments, its script first. */
  readonly argv: readonly string[];
  /** The process's variables. */
  readonly variables: NodeJS.ProcessEnv;
  /** NODE_OPTIONS of the function. */
  readonly functionNodeOptions: string | undefined;
}

/**
 * Restarts the daemon in its process without the agents that are meant for the function. Node has loaded
 * them here, too: from NODE_OPTIONS, and from an `--env-file`, which it reads wherever the option
 * stands. They would take the ports that they want in the function, and handle the daemon's signals.
 * Returns when there is nothing to leave, or they have been left.
 */
export function leaveAgents({ argv, variables, functionNodeOptions = "" }: AgentsOptions): void {
  if (variables[functionNodeOptionsVariable] !== undefined || process.execve === undefined) return;
  const own = variables["NODE_OPTIONS"] ?? "";
  const rest = withoutAgents(own);
  if (rest === undefined && withoutAgents(functionNodeOptions) === undefined) return;
  const { execPath, execArgv } = process;
  // Behind the two hyphens Node takes no option for its own.
  process.execve(execPath, [execPath, ...execArgv, "--", ...argv], {
    ...variables,
    NODE_OPTIONS: rest ?? own,
    [functionNodeOptionsVariable]: own,
  });
}
