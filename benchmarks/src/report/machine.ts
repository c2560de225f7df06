import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** Load average of the last minute before the run: above 0.5 something else was running. */
  readonly loadBefore: number;
  readonly date: string;
}

/** Looks at this machine, now. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    date: new Date().toISOString().slice(0, 10),
  };
}

export function machineText(machine: Machine): string {
  const { cpu, cores, memoryBytes, system, node, loadBefore, date } = machine;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  return `${date} · ${cores} × ${cpu}, ${memory} · ${system} · Node ${node} · load average before: ${loadBefore.toFixed(2)}`;
}
