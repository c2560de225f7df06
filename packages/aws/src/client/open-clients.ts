import { onForgotten, remembered } from "./on-forgotten.ts";
import type { ServiceClient } from "./service-client.ts";

/**
 * The clients of a session that are open. It does not keep them: a client that nobody has any more
 * and that has no call in flight goes, so that one may be made for each request.
 */
export class OpenClients {
  readonly #references = new Set<WeakRef<ServiceClient>>();
  readonly #ofClient = new WeakMap<ServiceClient, WeakRef<ServiceClient>>();

  /** How many there are, those included that have gone and were not yet counted out. */
  get size(): number {
    return this.#references.size;
  }

  add(client: ServiceClient): void {
    const reference = new WeakRef(client);
    this.#references.add(reference);
    this.#ofClient.set(client, reference);
    onForgotten(client, () => this.#references.delete(reference));
  }

  delete(client: ServiceClient): void {
    const reference = this.#ofClient.get(client);
    if (reference !== undefined) this.#references.delete(reference);
    remembered(client);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#references].map(async (reference) => reference.deref()?.close()));
  }
}
