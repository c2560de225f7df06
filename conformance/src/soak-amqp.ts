import { faultKinds, faultsNamed } from "./amqp-fault-kinds.ts";
import { faultDaemon, faultRuntime } from "./amqp-fault-runtime.ts";
import { type AmqpFaultProgress, type AmqpFaultReport, runAmqpFaults } from "./amqp-faults.ts";
import type { Soak } from "./soak-options.ts";
import { SoakProgress } from "./soak-progress.ts";

const all = faultKinds.map(({ name }) => name);

/** Brokers and hosts fail under load. */
export const amqpSoak: Soak = {
  usage: `amqp          callers call over a private RabbitMQ while the broker and the hosts fail

  --calls N          200000; it goes on until each fault has happened once
  --in-flight N      2000; calls at once
  --work MS          2000; the function takes between 0 and this
  --hosts N          3; processes that serve the queue
  --host NAME        lambda-runtime; or lambdad, best with --in-flight 200 --work 50
  --environments N   4; of each lambdad
  --calm MS          3000; between two faults
  --minutes N        30; the run is cut, and fails, after this time
  --fault NAME       all; or ${all.join(", ")}
  --report FORM      table; or json, on standard output
`,
  defaults: {
    calls: 200_000,
    "in-flight": 2_000,
    work: 2_000,
    hosts: 3,
    environments: 4,
    calm: 3_000,
    minutes: 30,
  },
  choices: {
    host: ["lambda-runtime", "lambdad"],
    fault: ["all", ...all],
    report: ["table", "json"],
  },

  async run({ number, choice }): Promise<readonly string[]> {
    const calls = number("calls");
    const fault = choice("fault");
    const progress = new SoakProgress();
    const report = await runAmqpFaults({
      calls,
      inFlight: number("in-flight"),
      workMsMax: number("work"),
      hosts: number("hosts"),
      hostCommand: (place) =>
        choice("host") === "lambdad"
          ? faultDaemon(place, number("environments"))
          : faultRuntime(place),
      faults: fault === "all" ? faultKinds : faultsNamed([fault]),
      calmMs: number("calm"),
      timeLimitMs: number("minutes") * 60_000,
      onProgress: (soFar) => progress.show(() => progressText(soFar, calls)),
    });
    progress.clear();
    if (choice("report") === "json") console.log(JSON.stringify(report, undefined, 2));
    else showTables(report);
    return report.violations;
  },
};

const barWidth = 30;

function progressText({ ended, failed, faults, fault }: AmqpFaultProgress, total: number): string {
  const share = Math.min(1, ended / total);
  const bar = "█".repeat(Math.round(share * barWidth)).padEnd(barWidth, "░");
  const now = fault === "" ? "" : `, now ${fault}`;
  return `${bar} ${ended} of ${total} calls, ${failed} errors, ${faults} faults${now}`;
}

function showTables(report: AmqpFaultReport): void {
  const { outcomes, failures, faults, recoveryMs, violations, ...figures } = report;
  console.table({ ...figures, violations: violations.length });
  console.table(outcomes);
  const rows = Object.entries(faults).map(([name, happened]) => {
    const errors = failures[name] ?? {};
    return [name, { happened, "slowest recovery ms": recoveryMs[name], ...errors }] as const;
  });
  console.table(Object.fromEntries(rows));
}
