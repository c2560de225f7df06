import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigurationError } from "../client/errors.ts";
import type { ClientOptions } from "../client/options.ts";
import { checkOptions } from "./check-options.ts";
import { resolveConfiguration } from "./client-configuration.ts";

const refused: readonly (readonly [name: string, options: object])[] = [
  ["retry", { retry: 5 }],
  ["retry", { retry: null }],
  ["retry.quota", { retry: { quota: "no" } }],
  ["retry.retryable", { retry: { retryable: true } }],
  ["proxy", { proxy: true }],
  ["proxy", { proxy: 5 }],
  ["rejectUnauthorized", { rejectUnauthorized: "false" }],
  ["generateCode", { generateCode: "no" }],
  ["useQueueUrlAsEndpoint", { useQueueUrlAsEndpoint: "no" }],
  ["logger", { logger: { debug() {} } }],
  ["logger", { logger: 5 }],
  ["transport", { transport: {} }],
  ["transport", { transport: null }],
  ["nativeValues", { nativeValues: "yes" }],
  ["nativeValues.numbers", { nativeValues: { numbers: "decimal" } }],
  ["nativeValues.convertClassInstances", { nativeValues: { convertClassInstances: 1 } }],
];

describe("checkOptions()", () => {
  for (const [name, options] of refused) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(
        () => checkOptions(options),
        (error) =>
          error instanceof ConfigurationError &&
          error.message.includes(`of the option "${name}": `),
      );
    });
  }

  it("takes options of the right kind, and those that are undefined", () => {
    const names = ["retry", "proxy", "logger", "transport", "nativeValues", "generateCode"];
    checkOptions(Object.fromEntries(names.map((name) => [name, undefined])));
    const options: ClientOptions = {
      retry: { quota: false, retryable: () => undefined, baseDelay: undefined },
      proxy: false,
      logger: console,
      nativeValues: { numbers: (text) => text, convertClassInstances: true },
      rejectUnauthorized: true,
    };
    checkOptions(options);
  });

  it("is part of a client's configuration", () => {
    const metadata = { apiVersion: "1", serviceId: "S3", endpointPrefix: "s3", signingName: "s3" };
    const options = { proxy: 5 } as unknown as ClientOptions;
    assert.throws(
      () =>
        resolveConfiguration({ metadata: { ...metadata, protocols: [] } }, options, {}, undefined),
      /the option "proxy"/,
    );
  });
});
