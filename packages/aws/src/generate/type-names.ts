import type { C2jService } from "./c2j.ts";

/** Names that mean something else in every program; the official SDK sets `_` before them too. */
const taken = new Set(
  `Array ArrayBuffer AsyncIterable Blob Boolean Buffer Date Document Error Event Function Iterable Map
  Number Object Omit Partial Pick Promise Proxy Record Request Response Set String Symbol Uint8Array
  Union`.split(/\s+/),
);

/** Names that a service's declarations use. */
export interface TypeNames {
  /** `S3`: of the client and what belongs to it. */
  readonly service: string;
  /** The interface or enumeration of a shape. */
  shape(name: string): string;
  /** \`GetObjectCommandInput\`; \`undefined\` when a shape has that name. */
  input(operation: string): string;
  output(operation: string): string;
}

/** Chooses the names of a service's declarations: those of the official SDK where they follow a rule. */
export function typeNames({ metadata, shapes }: C2jService): TypeNames {
  const service = (metadata.serviceId ?? "")
    .split(/[^A-Za-z0-9]+/)
    .map(capitalize)
    .join("");
  const used = new Set([`${service}Client`, `${service}Operations`, "createClient"]);
  const names = new Map<string, string>();
  for (const name of Object.keys(shapes)) {
    if (!isNamed(shapes[name]?.type ?? "")) continue;
    let chosen = capitalize(name.replaceAll(/[^\w$]/g, "_"));
    while (taken.has(chosen) || used.has(chosen)) chosen = `_${chosen}`;
    used.add(chosen);
    names.set(name, chosen);
  }
  const ofOperation = (operation: string, suffix: string): string => {
    const plain = `${capitalize(operation)}${suffix}`;
    return used.has(plain) ? `_${plain}` : plain;
  };
  return {
    service,
    shape: (name) => names.get(name) ?? name,
    input: (operation) => ofOperation(operation, "CommandInput"),
    output: (operation) => ofOperation(operation, "CommandOutput"),
  };
}

/** A property's name, quoted where it must be. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function isNamed(type: string): boolean {
  return type === "structure" || type === "string";
}

function capitalize(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
