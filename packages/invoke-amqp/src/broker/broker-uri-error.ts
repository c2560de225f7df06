/** A broker URL that cannot be used. The message names what is wrong and what is allowed, never a password. */
export class BrokerUriError extends Error {
  override readonly name: string = "BrokerUriError";
  /** The option, e.g. `heartbeat`, or the part of the URL: `scheme`, `user`, `host`, `port`, `vhost`. */
  readonly key: string;

  /** `requirement` is the end of a sentence that begins with the key: `must be …`. */
  constructor(key: string, requirement: string) {
    super(`Cannot use the broker URL: ${key} ${requirement}`);
    this.key = key;
  }
}
