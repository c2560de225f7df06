import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import type { TracingSettings } from "./tracing-settings.ts";
import { isUndecided } from "./xray-header.ts";

/** The sampler that `OTEL_TRACES_SAMPLER` names. */
export function createSampler({ sampler, ratio }: TracingSettings): Sampler {
  const root = rootSampler(sampler, ratio);
  return sampler.startsWith("parentbased_") ? parentBased(root) : root;
}

function rootSampler(sampler: TracingSettings["sampler"], ratio: number): Sampler {
  if (sampler.endsWith("always_off")) return new AlwaysOffSampler();
  if (sampler.endsWith("traceidratio")) return new TraceIdRatioBasedSampler(ratio);
  return new AlwaysOnSampler();
}

/** Does as the parent does, if the parent has decided. */
function parentBased(root: Sampler): Sampler {
  const sampler = new ParentBasedSampler({ root });
  return {
    shouldSample(context, ...rest) {
      return (isUndecided(context) ? root : sampler).shouldSample(context, ...rest);
    },
    toString() {
      return sampler.toString();
    },
  };
}
