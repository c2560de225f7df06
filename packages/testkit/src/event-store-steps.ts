import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import {
  type AcceptedEvent,
  type ClaimWant,
  type EventCounts,
  type EventError,
  type EventProgress,
  type EventStore,
  payloadOf,
} from "@lambdad/core";

/** An event as the queue accepts it: at 1000 ms, with an age limit of a minute. */
export function acceptedEvent(members: Partial<AcceptedEvent> = {}): AcceptedEvent {
  const functionName = members.functionName ?? "one";
  const acceptedAtMs = members.acceptedAtMs ?? 1000;
  return {
    id: randomUUID(),
    functionName,
    qualifier: undefined,
    invokedFunctionArn: `arn:aws:lambda:us-east-1:012345678912:function:${functionName}`,
    payload: payloadOf('{"n":1}'),
    contentType: "application/json",
    traceId: "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
    tenantId: undefined,
    acceptedAtMs,
    expiresAtMs: acceptedAtMs + 60_000,
    retriesMax: 2,
    replayOf: undefined,
    ...members,
  };
}

/** Progress of an event that was just accepted. */
export const fresh: EventProgress = {
  functionFaults: 0,
  hostFaults: 0,
  crashes: 0,
  lastError: undefined,
};

/** Its payload is no text. */
export const someError: EventError = {
  errorType: "Function.Odd",
  payload: payloadOf(Uint8Array.of(0, 255, 254)),
  executedVersion: "7",
};

/** A want of function `one`. */
export function want(functionName = "one", count = 10, expiredOnly = false): ClaimWant {
  return { functionName, count, expiredOnly };
}

/** Claims, and gives the ids. */
export async function claimIds(
  store: EventStore,
  nowMs: number,
  ...wants: ClaimWant[]
): Promise<string[]> {
  const claim = await store.claim({ nowMs, wants: wants.length === 0 ? [want()] : wants });
  return claim.events.map(({ id }) => id);
}

/** Books of one function, which must balance. */
export async function countsOf(store: EventStore, functionName = "one"): Promise<EventCounts> {
  const all = await store.counts();
  const counts = all.find((entry) => entry.functionName === functionName);
  assert.ok(counts !== undefined);
  const { accepted, pending, started, succeeded, failed, purged } = counts;
  assert.equal(accepted, pending + started + succeeded + failed + purged, "INV-2");
  return counts;
}

/** Puts started events on the failed shelf, one millisecond apart from 5000 on. */
export async function failAll(store: EventStore, ids: readonly string[]): Promise<number> {
  let purged = 0;
  for (const [index, id] of ids.entries()) {
    const progress = { ...fresh, functionFaults: 3, lastError: someError };
    const failing = {
      id,
      condition: "RetriesExhausted",
      failedAtMs: 5000 + index,
      progress,
    } as const;
    purged += await store.fail([failing]);
  }
  return purged;
}
