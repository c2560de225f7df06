import { AddressError } from "./address-error.ts";
import { checkShortString } from "./check-queue-name.ts";
import type { AmqpArguments } from "./queue-topology.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** Reads one JSON object of an address by its members, and tells of those that nobody has asked for. */
export class AddressOptions {
  readonly #value: JsonObject;
  readonly #path: string;
  readonly #warnings: string[];
  readonly #asked = new Set<string>();

  private constructor(value: JsonObject, path: string, warnings: string[]) {
    this.#value = value;
    this.#path = path;
    this.#warnings = warnings;
  }

  /**
   * `path` is where the value stands, for messages; empty at the top.
   *
   * @throws {AddressError} when the value is no object.
   */
  static of(value: unknown, path: string, warnings: string[]): AddressOptions {
    if (isObject(value)) return new AddressOptions(value, path, warnings);
    throw typeError(path === "" ? "the text after ';'" : path, "a JSON object", value);
  }

  object(key: string): AddressOptions {
    return AddressOptions.of(this.#take(key) ?? {}, this.#pathOf(key), this.#warnings);
  }

  objects(key: string): readonly AddressOptions[] {
    const value = this.#take(key) ?? [];
    const path = this.#pathOf(key);
    if (!Array.isArray(value)) throw typeError(path, "a list of JSON objects", value);
    return value.map((item: unknown, index) =>
      AddressOptions.of(item, `${path}[${index}]`, this.#warnings),
    );
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#take(key) ?? fallback;
    if (typeof value === "boolean") return value;
    throw typeError(this.#pathOf(key), "true or false", value);
  }

  text(key: string, fallback: string): string {
    const value = this.#take(key) ?? fallback;
    if (typeof value !== "string") throw typeError(this.#pathOf(key), "text", value);
    checkShortString(`value of ${this.#pathOf(key)}`, value);
    return value;
  }

  /** Text that is empty when absent. */
  name(key: string): string {
    return this.text(key, "");
  }

  /** The value of `arguments`: any JSON, with keys that fit the protocol. */
  table(key: string): AmqpArguments {
    const value = this.#take(key) ?? {};
    const path = this.#pathOf(key);
    if (!isObject(value)) throw typeError(path, "a JSON object", value);
    for (const name of Object.keys(value)) checkShortString(`key of ${path}`, name);
    return value;
  }

  /** Names members that are allowed and have no effect. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#asked.add(key);
  }

  /** Warns of each member that was not asked for. */
  end(): void {
    for (const key of Object.keys(this.#value)) {
      if (this.#asked.has(key)) continue;
      this.#warnings.push(`Option '${this.#pathOf(key)}' of the address is not known`);
    }
  }

  /** `undefined` for absent members, and for `null`. */
  #take(key: string): unknown {
    this.#asked.add(key);
    return Object.hasOwn(this.#value, key) ? (this.#value[key] ?? undefined) : undefined;
  }

  #pathOf(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeError(path: string, kind: string, value: unknown): AddressError {
  return new AddressError(
    `Cannot read the options of the address: ${path} must be ${kind}: current value is ${show(value)}`,
  );
}

function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
