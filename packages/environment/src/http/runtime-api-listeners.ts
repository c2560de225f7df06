import { type ListenerOptions, RuntimeApiListener } from "./runtime-api-listener.ts";

/** The ports of a pool: an environment takes one for its life, the first of all as often as it can. */
export class RuntimeApiListeners {
  readonly #host: string;
  readonly #primary: RuntimeApiListener;
  /** Those without an environment; the first one of all at the end. */
  readonly #unused: RuntimeApiListener[] = [];
  readonly #all = new Set<RuntimeApiListener>();

  constructor(options: ListenerOptions) {
    this.#host = options.host;
    this.#primary = new RuntimeApiListener(options);
  }

  /** `host:port` of the first one. */
  get address(): string {
    return this.#primary.address;
  }

  /** @throws when the address of the first one cannot be bound. */
  async start(): Promise<void> {
    await this.#primary.start();
    this.#all.add(this.#primary);
    this.#unused.push(this.#primary);
  }

  /** One for an environment. A new one has no address yet: it must be started. */
  take(): RuntimeApiListener {
    const known = this.#unused.pop();
    if (known !== undefined) return known;
    const listener = new RuntimeApiListener({ host: this.#host, port: 0 });
    this.#all.add(listener);
    return listener;
  }

  /** Its environment has gone. */
  giveBack(listener: RuntimeApiListener): void {
    if (listener.address === "") this.#all.delete(listener);
    else if (listener === this.#primary) this.#unused.push(listener);
    else this.#unused.unshift(listener);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#all].map((listener) => listener.stop()));
  }
}
