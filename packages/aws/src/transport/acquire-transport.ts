import { HttpTransport } from "./http-transport.ts";
import type { Transport, TransportOptions } from "./transport.ts";

interface Shared {
  readonly transport: Transport;
  users: number;
}

const shared = new Map<string, Shared>();

/** A transport that others may use, too. */
export interface AcquiredTransport {
  readonly transport: Transport;
  /** Gives it back; the last one closes it. A second call does nothing. */
  release(): void;
}

/** The transport for these options; equal options give the same one, so that its connections are shared. */
export function acquireTransport(options: TransportOptions): AcquiredTransport {
  const key = keyOf(options);
  let entry = shared.get(key);
  if (entry === undefined) {
    entry = { transport: new HttpTransport(options), users: 0 };
    shared.set(key, entry);
  }
  const used = entry;
  used.users++;
  let isReleased = false;
  return {
    transport: used.transport,
    release: () => {
      if (isReleased) return;
      isReleased = true;
      if (--used.users > 0) return;
      shared.delete(key);
      used.transport.close();
    },
  };
}

function keyOf(options: TransportOptions): string {
  const { proxy } = options;
  return JSON.stringify([
    options.maxConnections,
    options.connectTimeoutMs,
    options.keepAliveTimeoutMs,
    proxy?.http,
    proxy?.https,
    proxy?.noProxy,
    options.ca,
    options.caFile,
    options.cert,
    options.key,
    options.rejectUnauthorized,
  ]);
}
