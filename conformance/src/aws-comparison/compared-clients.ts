import { createRequire } from "node:module";
import { join } from "node:path";
import { Session } from "@lambdad/aws";
import type { ComparedService } from "./services.ts";

/** Calls one operation with one client. */
export type Call = (input: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The same service in both clients, which send to the same server. */
export interface ComparedClients {
  /** `undefined`: the client does not have the operation. */
  ours(operation: string): Call | undefined;
  theirs(operation: string): Call | undefined;
  close(): Promise<void>;
}

const credentials = {
  accessKeyId: "AKIDCOMPARISON",
  secretAccessKey: "secret",
  sessionToken: "token+with/special=",
};

/** Both send the checksums that they send to AWS's own hosts, and neither repeats a call. */
export function openClients(
  sdkFolder: string,
  service: ComparedService,
  { endpoint, generateCode }: { readonly endpoint: string; readonly generateCode: boolean },
): ComparedClients {
  const require = createRequire(join(sdkFolder, "package.json"));
  const sdk = require(service.sdkPackage) as Record<string, SdkClass>;
  const options = {
    endpoint,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
    disableHostPrefix: true,
    requestChecksumCalculation: "WHEN_SUPPORTED",
    responseChecksumValidation: "WHEN_SUPPORTED",
  } as const;
  const { protocol } = service;
  const session = new Session({ ...options, generateCode, protocol: protocol?.ours });
  const ours = session.client(service.name as "s3") as unknown as Record<string, unknown>;
  const client = sdk[service.sdkClient];
  if (client === undefined) throw new TypeError(`Cannot find ${service.sdkClient}`);
  // The package's own dependency: it is the version that the client is made for.
  const inner = createRequire(require.resolve(service.sdkPackage));
  const protocols = inner("@aws-sdk/core/protocols") as Record<string, unknown>;
  const sdkProtocol = protocol === undefined ? {} : { protocol: protocols[protocol.sdk] };
  // Samples of messages have no digests; those of real servers do.
  const theirs = new client({
    ...options,
    ...sdkProtocol,
    ...(service.name === "sqs" ? { md5: false } : {}),
  });
  return {
    ours(operation) {
      const method = ours[`${operation[0]?.toLowerCase() ?? ""}${operation.slice(1)}`];
      if (typeof method !== "function") return undefined;
      return (input) => method.call(ours, input) as Promise<unknown>;
    },
    theirs(operation) {
      const command = sdk[`${operation}Command`];
      if (command === undefined) return undefined;
      return (input) => theirs.send(new command(structuredCopy(input)));
    },
    async close() {
      await session.close();
      theirs.destroy();
    },
  };
}

interface SdkClass {
  new (input: unknown): SdkObject;
}

interface SdkObject {
  send(command: SdkObject): Promise<unknown>;
  destroy(): void;
}

/** The SDK writes into its inputs. */
function structuredCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCopy);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, structuredCopy(member)]),
  );
}
