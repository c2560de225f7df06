/**
 * Passes on to a child the signals that this process gets. Ctrl-C in a terminal goes to the child by
 * itself, as to every process of the foreground group: a second SIGINT would say "at once".
 *
 * @param {import("node:child_process").ChildProcess} child
 */
export function forwardSignals(child) {
  const isInTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  process.on("SIGINT", () => {
    if (!isInTerminal) child.kill("SIGINT");
  });
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
}
