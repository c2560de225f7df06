import { HostError } from "@lambdad/core";
import { reasonOf, replyCodeOf } from "../broker/broker-error.ts";
import type { BrokerLink } from "../broker/broker-link.ts";
import { isFunctionQueue } from "../queue/check-queue-name.ts";
import type { QueueProfile } from "../queue/function-queue.ts";
import { lossyQueueText, notFoundError } from "./rpc-refusals.ts";

const accessRefused = 403;
const notFound = 404;
const preconditionFailed = 406;

/** The connection that a question needs was lost, or never made. */
export class UnansweredError extends Error {
  override readonly name: string = "UnansweredError";
}

/** What a caller may ask a broker about the queues of functions. */
export class QueueQuestions {
  readonly #link: () => BrokerLink | undefined;
  readonly #limitMs: number;
  /** Asked once for each queue, however many events come at once. */
  readonly #asked = new Map<string, Promise<void>>();
  readonly #kept = new Set<string>();

  /** @param limitMs - How long one answer may take, in milliseconds. */
  constructor(link: () => BrokerLink | undefined, limitMs: number) {
    this.#link = link;
    this.#limitMs = limitMs;
  }

  /** A new connection may be one to another broker, or to one that has lost its queues. */
  forget(): void {
    this.#asked.clear();
    this.#kept.clear();
  }

  /**
   * Whether there is a queue for a function.
   *
   * @throws {UnansweredError}
   */
  async exists(functionName: string): Promise<boolean> {
    if (!isFunctionQueue(functionName)) return false;
    return this.#ask(async (link) => {
      try {
        await link.withChannel((channel) => channel.checkQueue(functionName));
        return true;
      } catch (error) {
        if (replyCodeOf(error) === notFound) return false;
        throw error;
      }
    });
  }

  /** Whether a queue was found to keep its messages. */
  isKept(functionName: string): boolean {
    return this.#kept.has(functionName);
  }

  /**
   * Makes sure, once for each connection, that a queue keeps its messages when its consumers and its
   * broker go, as its profile says: an event must not be accepted otherwise (INV-1). A user who may not
   * ask has to know it.
   *
   * @throws {HostError} `ResourceNotFoundException`, or `ServiceUnavailable`.
   * @throws {UnansweredError}
   */
  checkKept(functionName: string, profile: QueueProfile): Promise<void> {
    const known = this.#asked.get(functionName);
    if (known !== undefined) return known;
    const asking = this.#askKept(functionName, profile);
    this.#asked.set(functionName, asking);
    asking.catch(() => this.#asked.delete(functionName));
    return asking;
  }

  async #askKept(functionName: string, profile: QueueProfile): Promise<void> {
    if (!(await this.exists(functionName))) throw notFoundError(functionName);
    const isKept = await this.#ask((link) => keepsMessages(link, functionName));
    if (!isKept) throw new HostError("ServiceUnavailable", lossyQueueText(functionName, profile));
    this.#kept.add(functionName);
  }

  async #ask<Answer>(question: (link: BrokerLink) => Promise<Answer>): Promise<Answer> {
    const link = this.#link();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("no answer in time")), this.#limitMs);
    try {
      if (link === undefined) throw new Error("There is no connection");
      return await Promise.race([question(link), late.promise]);
    } catch (cause) {
      throw new UnansweredError("Cannot ask the broker for a queue", { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * The protocol has no question for it: the queue is declared as a durable one, without the rest of its
 * arguments, and the broker names the first difference.
 */
async function keepsMessages(link: BrokerLink, queue: string): Promise<boolean> {
  const flags = { durable: true, autoDelete: false, exclusive: false };
  try {
    await link.withChannel((channel) => channel.assertQueue(queue, flags));
    return true;
  } catch (error) {
    const code = replyCodeOf(error);
    if (code === accessRefused) return true;
    if (code !== preconditionFailed) throw error;
    return !/inequivalent arg '(?:durable|auto_delete|exclusive)'/.test(reasonOf(error));
  }
}
