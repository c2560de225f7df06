import { AddressError } from "../queue/address-error.ts";
import { checkQueueName } from "../queue/check-queue-name.ts";
import type { FunctionQueue } from "../queue/function-queue.ts";
import { delayQueueDeclaration, profileOf } from "../queue/function-queue-topology.ts";
import { eventRetriesDefault, hostFaultDelayMs } from "./event-policy.ts";

/** Bytes of a queue's name. */
const nameBytesMax = 255;

/**
 * Refuses a queue that a host could consume and not serve: over its own name or that of its dead-letter
 * queue, or, unless it is `compat`, over those of the queues in which its events wait for the next attempt,
 * which would be known only when the first one fails.
 *
 * @param retryDelaysMs - Waits before the attempts of a failed event. Default: AWS's, 60 s and 120 s.
 * @throws {AddressError}
 */
export function checkFunctionQueue(
  queue: FunctionQueue,
  retryDelaysMs: readonly number[] = eventRetriesDefault.delaysMs,
): void {
  checkQueueName(queue.name);
  if (profileOf(queue) === "compat") return;
  if (queue.deadLetterQueue !== undefined) checkQueueName(queue.deadLetterQueue);
  for (const delayMs of [hostFaultDelayMs, ...retryDelaysMs]) {
    const { name } = delayQueueDeclaration(queue, delayMs);
    const excess = Buffer.byteLength(name) - nameBytesMax;
    if (excess <= 0) continue;
    const most = Buffer.byteLength(queue.name) - excess;
    throw new AddressError(
      `Cannot use '${queue.name.slice(0, 40)}…' as the name of a ${profileOf(queue)} queue: it has ${most + excess} bytes, the limit is ${most}, because its failed events wait in '….retry.${delayMs}'`,
    );
  }
}
