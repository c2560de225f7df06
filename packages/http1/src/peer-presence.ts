import type { Connection } from "./exchange.ts";

/** Whether the peer is still there, and who wants to know when it goes: a {@link Connection}. */
export class PeerPresence implements Connection {
  readonly #address: () => string;
  readonly #call: (listener: () => void) => void;
  #gone = false;
  #controller: AbortController | undefined;
  #listeners: (() => void)[] | undefined;

  /** @param call runs a listener, and lets nothing that it throws pass. */
  constructor(address: () => string, call: (listener: () => void) => void) {
    this.#address = address;
    this.#call = call;
  }

  get remoteAddress(): string {
    return this.#address();
  }

  get gone(): boolean {
    return this.#gone;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#gone) this.#controller.abort();
    return this.#controller.signal;
  }

  onClose(listener: () => void): void {
    if (this.#gone) queueMicrotask(() => this.#call(listener));
    else (this.#listeners ??= []).push(listener);
  }

  /** Tells everybody, once. */
  leave(): void {
    this.#gone = true;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) this.#call(listener);
    this.#controller?.abort();
  }

  /** Forgets who wanted to know: their exchange is done. */
  forget(): void {
    this.#listeners = undefined;
    this.#controller = undefined;
  }
}
