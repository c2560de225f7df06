import type { PoolTicket } from "./pool-ticket.ts";

/**
 * Invocations that wait for an environment: first come, first served, with removal from the middle.
 *
 * A list through the tickets: no allocation for each that waits, and a ticket that has left holds no
 * link to the ones behind it (see `active-set.ts` for what such links cost).
 */
export class WaitingQueue {
  #first: PoolTicket | undefined;
  #last: PoolTicket | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(ticket: PoolTicket): void {
    ticket.before = this.#last;
    if (this.#last === undefined) this.#first = ticket;
    else this.#last.after = ticket;
    this.#last = ticket;
    this.#length += 1;
  }

  /** Takes the oldest. */
  shift(): PoolTicket | undefined {
    const ticket = this.#first;
    if (ticket !== undefined) this.delete(ticket);
    return ticket;
  }

  /** Takes one that waits out of the queue. */
  delete(ticket: PoolTicket): void {
    const { before, after } = ticket;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    ticket.before = undefined;
    ticket.after = undefined;
    this.#length -= 1;
  }

  /** All that wait with their position, oldest first. The current one may be deleted meanwhile. */
  forEach(visit: (ticket: PoolTicket, position: number) => void): void {
    let position = 0;
    let ticket = this.#first;
    while (ticket !== undefined) {
      const { after } = ticket;
      visit(ticket, position);
      position += 1;
      ticket = after;
    }
  }
}
