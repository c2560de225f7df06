import { CborEncoder, type CborScalar, encodeAny } from "./cbor-encoder.ts";
import type { WriteList, WriteMap, WriteNode, WriteStructure } from "../json-write-plan.ts";
import { unknownVariant } from "../unknown-variant.ts";

/**
 * Compiles a plan into a writer of CBOR documents. Closures only: nearly all the work is in the
 * encoder, and no service needs CBOR (all that speak it speak JSON too).
 */
export function compileCborWriter(
  node: WriteNode<CborScalar>,
  newToken: () => string,
): (value: unknown) => Buffer {
  const write = new CborWriters(newToken).writerOf(node);
  const encoder = new CborEncoder();
  return (value) => {
    try {
      write(encoder, value);
    } catch (error) {
      encoder.take();
      throw error;
    }
    return encoder.take();
  };
}

class CborWriters {
  readonly #newToken: () => string;
  readonly #writers = new Map<WriteNode<CborScalar>, CborScalar>();

  constructor(newToken: () => string) {
    this.#newToken = newToken;
  }

  writerOf(node: WriteNode<CborScalar>): CborScalar {
    if (node.kind === "scalar") return node.write;
    const known = this.#writers.get(node);
    if (known !== undefined) return known;
    // A shape that contains itself meets this while its own writer is being made.
    const self: { write?: CborScalar } = {};
    this.#writers.set(node, (encoder, value) => (self.write as CborScalar)(encoder, value));
    if (node.kind === "structure") self.write = this.#structure(node);
    else self.write = node.kind === "list" ? this.#list(node) : this.#map(node);
    this.#writers.set(node, self.write);
    return self.write;
  }

  #structure(node: WriteStructure<CborScalar>): CborScalar {
    const newToken = this.#newToken;
    const fields = node.fields.map(({ name, wireName, token, node: child }) => ({
      name,
      wireName,
      token,
      write: this.writerOf(child),
    }));
    return (encoder, value) => {
      const members = value as Readonly<Record<string, unknown>>;
      encoder.raw(0xbf);
      let empty = true;
      for (const { name, wireName, token, write } of fields) {
        const member = members[name] ?? (token ? newToken() : undefined);
        if (member === undefined) continue;
        empty = false;
        encoder.text(wireName);
        write(encoder, member);
      }
      const variant = empty && node.union ? unknownVariant(value) : undefined;
      if (variant !== undefined) {
        encoder.text(variant[0]);
        encodeAny(encoder, variant[1]);
      }
      encoder.raw(0xff);
    };
  }

  #list(node: WriteList<CborScalar>): CborScalar {
    const write = this.writerOf(node.item);
    return (encoder, value) => {
      const items = value as readonly unknown[];
      const kept = node.sparse ? items : items.filter(isPresent);
      encoder.head(4, kept.length);
      for (const item of kept) {
        if (isPresent(item)) write(encoder, item);
        else encoder.raw(0xf6);
      }
    };
  }

  #map(node: WriteMap<CborScalar>): CborScalar {
    const write = this.writerOf(node.value);
    return (encoder, value) => {
      const entries = value as Readonly<Record<string, unknown>>;
      encoder.raw(0xbf);
      for (const key of Object.keys(entries)) {
        const entry = entries[key];
        if (entry === undefined || (entry === null && !node.sparse)) continue;
        encoder.text(key);
        if (entry === null) encoder.raw(0xf6);
        else write(encoder, entry);
      }
      encoder.raw(0xff);
    };
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
