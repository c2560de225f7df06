import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { References, type ServiceClients, Session } from "@lambdad/aws";

/** Where texts and bytes are: the same for the client and for the function. */
export interface Store {
  readonly client: ServiceClients["s3"];
  readonly references: References;
  /** Makes the bucket, if it is not there. */
  prepare(): Promise<void>;
}

const bucket = "text-to-bytes";

/**
 * Opens the store that the variable STORE names, `redis://localhost:6379` or an S3 server; without
 * it, the folder `objects`.
 */
export function openStore(
  endpoint: string = process.env["STORE"] ?? pathToFileURL(resolve("objects")).href,
): Store {
  const client = new Session().client("s3", { endpoint, forcePathStyle: true });
  return {
    client,
    references: new References(client, { bucket }),
    async prepare() {
      await client.createBucket({ Bucket: bucket }).catch((error: unknown) => {
        if (!(error instanceof client.errors.BucketAlreadyOwnedByYou)) throw error;
      });
    },
  };
}
