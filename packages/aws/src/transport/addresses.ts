import type { LookupAddress } from "node:dns";
import { addressesMax, dnsAnswerMs } from "./limits.ts";

/** Receives addresses, the one to try first at the front, or why there are none. */
export type AddressesCallback = (error: unknown, addresses: readonly LookupAddress[]) => void;

/** Asks for the addresses of a host. */
export type Resolve = (
  host: string,
  callback: (error: unknown, addresses?: readonly LookupAddress[]) => void,
) => void;

/** Addresses of a host: asked for once in a while, and used in turn. */
export class Addresses {
  readonly #host: string;
  readonly #resolve: Resolve;
  readonly #waiting: AddressesCallback[] = [];
  #addresses: readonly LookupAddress[] = [];
  /** `Date.now()`: the clock that goes on while the process is frozen, but may be set back. */
  #answeredAt = 0;
  #turn = 0;

  constructor(host: string, resolve: Resolve = resolveBySystem) {
    this.#host = host;
    this.#resolve = resolve;
  }

  /** Calls back at once when there is an answer that is young enough. */
  get(callback: AddressesCallback): void {
    const ageMs = Date.now() - this.#answeredAt;
    if (this.#addresses.length > 0 && ageMs >= 0 && ageMs < dnsAnswerMs) {
      callback(undefined, this.#inTurn());
    } else if (this.#waiting.push(callback) === 1) {
      this.#resolve(this.#host, (error, addresses) => this.#onAnswer(error, addresses));
    }
  }

  /** Nothing answered there: ask again next time. */
  forget(): void {
    this.#addresses = [];
  }

  #onAnswer(error: unknown, addresses: readonly LookupAddress[] | undefined): void {
    this.#addresses = addresses ?? [];
    this.#answeredAt = Date.now();
    const reason =
      error ?? (this.#addresses.length === 0 ? new Error("the name has no address") : undefined);
    for (const callback of this.#waiting.splice(0)) callback(reason, this.#inTurn());
  }

  #inTurn(): readonly LookupAddress[] {
    const first = this.#turn++ % (this.#addresses.length || 1);
    return first === 0
      ? fewOf(this.#addresses)
      : fewOf([...this.#addresses.slice(first), ...this.#addresses.slice(0, first)]);
  }
}

/** The first ones, and one of the other family: that may be the one which works. */
function fewOf(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  if (addresses.length <= addressesMax) return addresses;
  const few = addresses.slice(0, addressesMax);
  if (few.some(({ family }) => family !== few[0]?.family)) return few;
  const other = addresses.find(({ family }) => family !== few[0]?.family);
  return other === undefined ? few : [...few, other];
}

/** As the system does it: hosts file and all. `node:dns` is loaded for the first name. */
function resolveBySystem(host: string, callback: Parameters<Resolve>[1]): void {
  process.getBuiltinModule("node:dns").lookup(host, { all: true }, callback);
}
