/**
 * The official SDK's schemas: arrays that its packages export with names that end in `$`. A number
 * first: 3 structure, 4 union, -3 error `[_, namespace, name, traits, names, members, required]`; 1 list
 * `[_, _, name, traits, item]`; 2 map `[_, _, name, traits, key, value]`; 0 another's name `[_, _, name,
 * traits, schema]`; 9 operation `[_, _, name, traits, input, output]`. A pair: a schema and its traits.
 */
export type Schema = number | string | readonly unknown[] | (() => Schema);

/** Traits by name: those that come as bits of a number too. */
export type Traits = Readonly<Record<string, unknown>>;

const bits = [
  "httpLabel",
  "idempotent",
  "idempotencyToken",
  "sensitive",
  "httpPayload",
  "httpResponseCode",
  "httpQueryParams",
] as const;

/** A schema that has been looked up, with the traits of all that led to it. */
export interface Resolved {
  readonly traits: Traits;
  readonly target: number | string | readonly unknown[];
}

/** Follows functions, pairs and other names to what a reference stands for. */
export function resolve(reference: unknown): Resolved {
  let schema = reference as Schema;
  let traits: Traits = {};
  for (;;) {
    if (typeof schema === "function") {
      schema = schema();
    } else if (Array.isArray(schema) && typeof schema[1] !== "string") {
      // What is nearer to the member wins.
      traits = { ...traitsOf(schema[1]), ...traits };
      schema = schema[0] as Schema;
    } else if (Array.isArray(schema) && schema[0] === 0) {
      traits = { ...traitsOf(schema[3]), ...traits };
      schema = schema[4] as Schema;
    } else {
      const own = Array.isArray(schema) ? shared(traitsOf(schema[3])) : {};
      return { traits: { ...own, ...traits }, target: schema as Resolved["target"] };
    }
  }
}

/** Traits by name. */
export function traitsOf(traits: unknown): Traits {
  if (typeof traits === "object" && traits !== null) return traits as Traits;
  const set = bits.filter((_, index) => (Number(traits) >> index) % 2 === 1);
  return Object.fromEntries(set.map((name) => [name, 1]));
}

/** The traits of a structure, list or map that count for each member that refers to it. */
function shared({ sensitive, streaming }: Traits): Traits {
  return {
    ...(sensitive === undefined ? {} : { sensitive }),
    ...(streaming === undefined ? {} : { streaming }),
  };
}
