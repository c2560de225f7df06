import type { Session } from "@lambdad/aws";
import type { S3Client } from "@lambdad/aws/s3";

/** What a case works on: a bucket of its own, in the store under test. */
export interface Place {
  readonly s3: S3Client;
  readonly session: Session;
  /** Of the session and the client: `memory:…`, `http://127.0.0.1:…`. */
  readonly endpoint: string;
  /** A server that speaks S3's protocol, not a store of ours. */
  readonly isServer: boolean;
  /** Exists, and is empty when the case begins. */
  readonly bucket: string;
  /** The name of a bucket that does not exist. */
  readonly newName: () => string;
}

/** One behaviour of S3, as a user of the client sees it. */
export interface StoreCase {
  /** Says operation and behaviour; the tables of differences know the case by it. */
  readonly name: string;
  /** `stores`: S3 itself does more, or has no such thing. Default: everywhere. */
  readonly only?: "stores";
  readonly run: (place: Place) => Promise<void>;
}
