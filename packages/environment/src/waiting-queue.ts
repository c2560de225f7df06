import type { PoolTicket } from "./pool-ticket.ts";

/** Invocations that wait for an environment: first come, first served, with removal from the middle. */
export class WaitingQueue {
  // A Set keeps the order of insertion, and deletes in constant time.
  readonly #tickets = new Set<PoolTicket>();

  get length(): number {
    return this.#tickets.size;
  }

  push(ticket: PoolTicket): void {
    this.#tickets.add(ticket);
  }

  /** Takes the oldest, which waits no more. */
  shift(): PoolTicket | undefined {
    for (const ticket of this.#tickets) {
      this.#tickets.delete(ticket);
      ticket.unwatch();
      return ticket;
    }
    return undefined;
  }

  /** @returns whether it was waiting. */
  delete(ticket: PoolTicket): boolean {
    return this.#tickets.delete(ticket);
  }

  /** How many are before this one. */
  position(ticket: PoolTicket): number {
    let position = 0;
    for (const other of this.#tickets) {
      if (other === ticket) return position;
      position += 1;
    }
    return position;
  }
}
