// s3mini: S3 alone, by `fetch`.
import { createRequire } from "node:module";
import { join } from "node:path";
import { bodyOf, bucket, credentials, region } from "./operations.mjs";

export async function open({ endpoint, peers }) {
  const { S3mini } = createRequire(join(peers, "package.json"))("s3mini");
  const client = new S3mini({ ...credentials, endpoint: `${endpoint}/${bucket}`, region });
  const call = (operation, size) => {
    switch (operation) {
      case "s3-get":
        return async () => (await client.getObjectArrayBuffer(`get-${size}`)).byteLength;
      case "s3-put": {
        const { bytes } = bodyOf(size);
        return async () => ((await client.putObject(`put-${size}`, bytes)).ok ? 1 : 0);
      }
      case "s3-list":
        return async () => (await client.listObjects()).length;
      default:
        return undefined;
    }
  };
  return { call, close: async () => {} };
}
