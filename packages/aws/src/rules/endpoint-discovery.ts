import type { Engine } from "../client/engine.ts";
import { EndpointError, ServiceError } from "../client/errors.ts";
import type { BoundOperation } from "../client/bound-operation.ts";
import type { ServiceRules } from "./service-rules.ts";

/** Where a client's calls go, and until when that is known: milliseconds since the epoch. */
interface Discovered {
  readonly url: string;
  readonly until: number;
}

const minuteMs = 60_000;

const discovered = new WeakMap<Engine, Discovered>();
const pending = new WeakMap<Engine, Promise<void>>();

/**
 * Services whose calls go to an endpoint that the service names for the account: asked for with the
 * first call, and again when its time is over or the service does not know it any more. Source:
 * aws-client.md §17, botocore's `EndpointDiscoveryManager`.
 */
export const endpointDiscoveryRules: ServiceRules = {
  ready(operation, _input, engine) {
    if (!discovers(operation, engine)) return undefined;
    const known = discovered.get(engine);
    if (known !== undefined && Date.now() < known.until) return undefined;
    let asked = pending.get(engine);
    if (asked === undefined) {
      asked = discover(engine).finally(() => pending.delete(engine));
      pending.set(engine, asked);
    }
    return asked;
  },
  endpoint: (operation, _input, engine) =>
    discovers(operation, engine) ? discovered.get(engine)?.url : undefined,
  draft({ model }, { headers }, _input, { service }) {
    if (model.endpointOperation !== true) return;
    headers.push("x-amz-api-version", service.metadata.apiVersion);
  },
  startsAnew({ operation, engine }, error) {
    if (!discovers(operation, engine) || !(error instanceof ServiceError)) return false;
    if (error.code !== "InvalidEndpointException" && error.statusCode !== 421) return false;
    return discovered.delete(engine);
  },
};

/** A configured endpoint is not asked where the calls are to go. */
function discovers({ model }: BoundOperation, { config }: Engine): boolean {
  return model.endpointDiscovery?.required === true && config.endpoint === undefined;
}

async function discover(engine: Engine): Promise<void> {
  const known = discovered.get(engine);
  try {
    const { Endpoints } = await engine.call("DescribeEndpoints", {});
    const [endpoint] = (Endpoints ?? []) as { Address?: string; CachePeriodInMinutes?: number }[];
    if (endpoint?.Address === undefined) {
      throw new EndpointError(
        `Cannot call ${engine.service.metadata.serviceId}: it names no endpoint for this account`,
      );
    }
    const { Address, CachePeriodInMinutes = 60 } = endpoint;
    discovered.set(engine, {
      url: Address.includes("://") ? Address : `https://${Address}`,
      until: Date.now() + Math.max(1, CachePeriodInMinutes) * minuteMs,
    });
  } catch (error) {
    if (known === undefined) throw error;
    // The old endpoint may still do; it is asked for again after a while.
    discovered.set(engine, { url: known.url, until: Date.now() + minuteMs });
  }
}
