import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { importsOf } from "./tidy/import-rules.ts";

/** What of a broker some tests need. */
export interface ServiceNeeds {
  /** A broker that they share: they call `brokerUri()`. */
  readonly broker: boolean;
  /** RabbitMQ, installed: they start brokers of their own with `startBroker()`. */
  readonly brokerServer: boolean;
}

/**
 * What the tests need, by their text: whether a test file, or a file of its own package that it imports,
 * calls `brokerUri()` or `startBroker()`. Comments count as well: a broker too many costs some seconds,
 * one too few a test.
 *
 * @param files Absolute paths of test files.
 */
export function serviceNeeds(files: readonly string[]): ServiceNeeds {
  const seen = new Set<string>();
  const needs = { broker: false, brokerServer: false };
  const look = (file: string): void => {
    if (seen.has(file) || !existsSync(file)) return;
    seen.add(file);
    const text = readFileSync(file, "utf8");
    needs.broker ||= /\bbrokerUri\(/.test(text);
    needs.brokerServer ||= /\bstartBroker\(/.test(text);
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith(".")) look(resolve(dirname(file), specifier));
    }
  };
  for (const file of files) look(file);
  return needs;
}
