interface BlockingHandle {
  readonly _handle?: { setBlocking?(blocking: boolean): void };
}

/**
 * Makes `process.stdout` and `process.stderr` write at once, when the function first uses them: Node
 * queues larger writes to a pipe, and then they come after the answer, or never if the process exits.
 */
export function blockOutput(): void {
  for (const name of ["stdout", "stderr"] as const) {
    const original = Object.getOwnPropertyDescriptor(process, name);
    if (original?.get === undefined || original.configurable !== true) continue;
    Object.defineProperty(process, name, {
      ...original,
      get(): unknown {
        Object.defineProperty(process, name, original);
        const stream = process[name];
        (stream as BlockingHandle)._handle?.setBlocking?.(true);
        return stream;
      },
    });
  }
}
