import type { Http1Exchange } from "./http1-exchange.ts";
import type { HttpFault } from "./http-fault.ts";

/** What was read from a connection while another exchange of it was being answered. */
export class Pipeline {
  readonly #exchangesMax: number;
  #exchanges: Http1Exchange[] | undefined;
  /** Ends the connection, after the exchanges have been served. */
  fault: HttpFault | undefined;

  constructor(exchangesMax: number) {
    this.#exchangesMax = exchangesMax;
  }

  get full(): boolean {
    return (this.#exchanges?.length ?? 0) >= this.#exchangesMax;
  }

  get empty(): boolean {
    return (this.#exchanges?.length ?? 0) === 0 && this.fault === undefined;
  }

  /** Whether the last one has a body, and thus nothing behind it can have been read. */
  get awaitsBody(): boolean {
    const last = this.#exchanges?.at(-1);
    return last !== undefined && last.contentLength !== 0;
  }

  push(exchange: Http1Exchange): void {
    (this.#exchanges ??= []).push(exchange);
  }

  shift(): Http1Exchange | undefined {
    return this.#exchanges?.shift();
  }
}
