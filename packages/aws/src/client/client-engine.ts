import type { Input, Output } from "../protocol/protocol.ts";
import type { PresignOptions } from "./client-types.ts";
import type { CallOptions } from "./options.ts";

/** What makes a client's calls: a service behind HTTP (`Engine`), or a store of ours (`StoreEngine`). */
export interface ClientEngine {
  readonly region: string | undefined;
  /** Requests get checksums where the service supports them, also when nobody asks for one. */
  readonly sendsChecksums: boolean;
  /** URL that calls go to whose input has no say in it. @throws EndpointError */
  defaultEndpoint(): string;
  call(operation: string, input: Input, options?: CallOptions): Promise<Output>;
  /** The URL of a call; waits for credentials. */
  presign(operation: string, input: Input, options: PresignOptions): Promise<string>;
  /** The URL of a call. @throws CredentialsError when credentials are not at hand. */
  presignNow(operation: string, input: Input, options: PresignOptions): string;
  /** Waits for the calls in flight, and lets go of what they used. */
  close(errorOf: () => Error): Promise<void>;
  /** Ends the calls in flight with an error. */
  destroy(error: Error): void;
}
