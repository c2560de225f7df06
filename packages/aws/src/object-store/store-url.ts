import { ConfigurationError } from "../client/errors.ts";

/** The endpoint of a store, taken apart. */
export class StoreUrl {
  readonly kind: "memory" | "file" | "redis";
  /** As it was given. */
  readonly text: string;
  readonly url: URL;
  /** Shown in errors: without user and password. */
  readonly shown: string;

  /** @throws ConfigurationError */
  constructor(text: string) {
    const url = URL.parse(text);
    if (url === null) throw new ConfigurationError("Cannot use the endpoint: it is no URL");
    this.url = url;
    this.text = text;
    const bare = new URL(url);
    bare.username = "";
    bare.password = "";
    this.shown = bare.href;
    const scheme = url.protocol.slice(0, -1);
    this.kind = scheme === "rediss" ? "redis" : (scheme as "memory" | "file" | "redis");
  }

  /** `name` of `memory:name`. @throws ConfigurationError */
  get name(): string {
    const { host, pathname } = this.url;
    // Taken for no name, it would be another store for each session.
    if (host !== "") throw this.refusal(`write "memory:${host}"`);
    try {
      return decodeURIComponent(pathname);
    } catch {
      throw this.refusal(`its name "${pathname}" is not percent-encoded text`);
    }
  }

  /** A number of the query, more than 0. @throws ConfigurationError */
  number(name: string): number | undefined {
    const text = this.url.searchParams.get(name);
    if (text === null) return undefined;
    const value = Number(text);
    if (text !== "" && Number.isFinite(value) && value > 0) return value;
    throw this.refusal(`"${name}" is "${text}"; give a number that is more than 0`);
  }

  /** A switch of the query: `1`, `on`, `true`, or the opposites. @throws ConfigurationError */
  flag(name: string): boolean | undefined {
    const text = this.url.searchParams.get(name);
    if (text === null) return undefined;
    if (["1", "on", "true", "yes"].includes(text)) return true;
    if (["0", "off", "false", "no"].includes(text)) return false;
    throw this.refusal(`"${name}" is "${text}"; give "on" or "off"`);
  }

  /** @throws ConfigurationError for options that the store does not have. */
  refuseOthers(known: readonly string[]): void {
    for (const name of this.url.searchParams.keys()) {
      if (known.includes(name)) continue;
      throw this.refusal(`it has no option "${name}"; there are ${known.join(", ")}`);
    }
  }

  /** The error of this URL. */
  refusal(reason: string): ConfigurationError {
    return new ConfigurationError(`Cannot use the endpoint "${this.shown}": ${reason}`);
  }
}

/** Reads the endpoint of a store. @throws ConfigurationError */
export function readStoreUrl(text: string): StoreUrl {
  return new StoreUrl(text);
}
