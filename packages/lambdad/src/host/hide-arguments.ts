import { redactText } from "./redact.ts";

/**
 * The title under which a process that was given a secret as an argument is to be listed: its command
 * line without the secret. `undefined` when there is none. Pure.
 *
 * @param argv - The process's arguments, its program first.
 */
export function titleWithoutSecrets(argv: readonly string[]): string | undefined {
  const shown = argv.map(redactText);
  return shown.every((text, index) => text === argv[index]) ? undefined : shown.join(" ");
}
