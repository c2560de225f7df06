import { CredentialsError } from "../client/errors.ts";
import type { Credentials, CredentialSource } from "./credentials.ts";
import type { CredentialClock } from "./provider.ts";

/** Credentials that were given as an object: nobody can refresh them. */
export class StaticSource implements CredentialSource {
  readonly #credentials: Credentials;
  readonly #clock: CredentialClock;

  /** @param credentials checked and frozen (`resolvedCredentials`). */
  constructor(credentials: Credentials, clock: CredentialClock) {
    this.#credentials = credentials;
    this.#clock = clock;
  }

  current(): Credentials | undefined {
    const { expiration } = this.#credentials;
    if (expiration === undefined || this.#clock.now() < expiration.getTime()) {
      return this.#credentials;
    }
    return undefined;
  }

  resolve(): Promise<Credentials> {
    const credentials = this.current();
    if (credentials !== undefined) return Promise.resolve(credentials);
    const message =
      'Cannot use the credentials of the option "credentials": they ended at ' +
      `${this.#credentials.expiration?.toISOString()}; give a function that fetches new ones`;
    return Promise.reject(new CredentialsError(message, [{ provider: "option", message }]));
  }

  expire(): void {}
}
