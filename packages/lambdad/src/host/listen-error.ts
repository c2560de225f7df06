import type { Address } from "../configuration/option-rule.ts";

/** Options that choose where an API listens. */
const flags = {
  "Invoke API": { host: "--host", port: "--port" },
  "Runtime API": { host: "--runtime-api-host", port: "--runtime-api-port" },
} as const;

/** An API cannot be opened: its message is what, why, and what to type (HO-9). */
export class ListenError extends Error {
  override readonly name: string = "ListenError";

  constructor(api: keyof typeof flags, address: Address, cause: unknown) {
    const { host, port } = address;
    const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    super(`Cannot listen on ${place} for the ${api}: ${reasonOf(cause, flags[api])}`, { cause });
  }
}

function reasonOf(cause: unknown, flag: { readonly host: string; readonly port: string }): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE":
      return `the port is taken. Stop the program that uses it, or choose another with ${flag.port}`;
    case "EACCES":
      return `permission denied. Choose a port above 1023 with ${flag.port}`;
    case "EADDRNOTAVAIL":
      return `this machine has no such address. Choose another with ${flag.host}`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `there is no host of that name. Choose another with ${flag.host}`;
    case undefined:
    default:
      return message;
  }
}
