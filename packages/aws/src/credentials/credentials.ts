/** Keys to sign with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** When temporary keys end; absent: never. */
  readonly expiration?: Date | undefined;
  readonly accountId?: string | undefined;
}

/** A token to authorize with. */
export interface BearerToken {
  readonly token: string;
  /** When it ends; absent: never. */
  readonly expiration?: Date | undefined;
}

/** Gives credentials; may be slow, may fail. */
export type CredentialProvider = () => Promise<Credentials>;

/** Credentials that keep themselves fresh. The request path reads `current` and waits for nothing. */
export interface CredentialSource {
  /**
   * Credentials that can be used now, or `undefined` when `resolve` must be awaited. Starts a
   * refresh in the background when they are close to their end.
   */
  current(): Credentials | undefined;
  /** Resolves, or refreshes what must be waited for; one resolution for all who wait. @throws CredentialsError */
  resolve(): Promise<Credentials>;
  /** A service said that these have expired: the next `resolve` fetches others. No-op for other credentials than the current. */
  expire(credentials: Credentials): void;
}
