import type { EchoResult } from "../load/messages.ts";
import type {
  Measurement,
  MemorySample,
  Sample,
  ScenarioResult,
  StartSample,
  StreamSample,
} from "../measure/measurement.ts";
import { median, spread } from "./statistics.ts";

/** Medians over the rounds of one measurement of echo calls. */
export interface EchoFigures {
  readonly callsPerSecond: number;
  readonly spread: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  /** The worst of all rounds. */
  readonly maxMs: number;
  /** CPU time of the daemon's process per call, in microseconds. */
  readonly cpuPerCallUs: number | undefined;
  /** The same of all extensions together; `undefined` without any. */
  readonly extensionsCpuPerCallUs: number | undefined;
  /** The same of the load generator, or of a pair's caller. */
  readonly callerCpuPerCallUs: number | undefined;
  /** The same of the broker; `undefined` without one. */
  readonly brokerCpuPerCallUs: number | undefined;
  readonly errors: number;
}

/** `undefined` when nothing was measured. */
export function echoFigures(measurement: Measurement): EchoFigures | undefined {
  const results = echoSamples(measurement);
  const rates = results.map(({ calls, seconds }) => calls / seconds);
  const callsPerSecond = median(rates);
  if (callsPerSecond === undefined || callsPerSecond === 0) return undefined;
  const perCallUs = (cpuMs: (result: EchoResult) => number | undefined): number | undefined =>
    median(
      results.flatMap((result) => {
        const ms = cpuMs(result);
        return ms === undefined || result.calls === 0 ? [] : [(1_000 * ms) / result.calls];
      }),
    );
  return {
    callsPerSecond,
    spread: spread(rates) ?? 0,
    p50Ms: median(results.map(({ latencyMs }) => latencyMs.p50)) ?? 0,
    p90Ms: median(results.map(({ latencyMs }) => latencyMs.p90)) ?? 0,
    p99Ms: median(results.map(({ latencyMs }) => latencyMs.p99)) ?? 0,
    maxMs: Math.max(...results.map(({ latencyMs }) => latencyMs.max)),
    cpuPerCallUs: perCallUs(({ daemonCpuMs }) => daemonCpuMs),
    extensionsCpuPerCallUs: perCallUs(({ extensionsCpuMs }) => extensionsCpuMs),
    callerCpuPerCallUs: perCallUs(({ generatorCpuMs }) => generatorCpuMs),
    brokerCpuPerCallUs: perCallUs(({ brokerCpuMs }) => brokerCpuMs),
    errors: results.reduce((sum, { errors }) => sum + errors, 0),
  };
}

/** The samples of one kind. */
export function echoSamples({ samples }: Measurement): EchoResult[] {
  return samples.filter((sample): sample is EchoResult => sample.kind === "echo");
}

export function startSamples({ samples }: Measurement): StartSample[] {
  return samples.filter((sample): sample is StartSample => sample.kind === "start");
}

export function memorySamples({ samples }: Measurement): MemorySample[] {
  return samples.filter((sample): sample is MemorySample => sample.kind === "memory");
}

export function streamSamples({ samples }: Measurement): StreamSample[] {
  return samples.filter((sample): sample is StreamSample => sample.kind === "stream");
}

/** Time to the first connection, median of all starts, in milliseconds. */
export function acceptMs(measurement: Measurement): number | undefined {
  return median(startSamples(measurement).map((sample) => sample.acceptMs));
}

/** Wrong or missing answers in all samples. */
export function errorsOf({ samples }: Measurement): number {
  return samples.reduce((sum, sample) => sum + errorsOfSample(sample), 0);
}

function errorsOfSample(sample: Sample): number {
  if (sample.kind === "start") return 0;
  if (sample.kind === "stream") return sample.failure === undefined ? 0 : 1;
  return sample.errors;
}

export function lambdadOf({ measurements }: ScenarioResult): Measurement | undefined {
  return measurements.find(({ role }) => role === "lambdad");
}

export function peersOf({ measurements }: ScenarioResult): Measurement[] {
  return measurements.filter(({ role }) => role === "peer");
}
