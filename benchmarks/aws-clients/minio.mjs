// The MinIO client: S3 alone, by `node:http`.
import { createRequire } from "node:module";
import { join } from "node:path";
import { bodyOf, bucket, credentials, region } from "./operations.mjs";

export async function open({ endpoint, peers }) {
  const { Client } = createRequire(join(peers, "package.json"))("minio");
  const { hostname, port, protocol } = new URL(endpoint);
  const client = new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: protocol === "https:",
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    region,
  });
  const call = (operation, size) => {
    switch (operation) {
      case "s3-get":
        return async () => {
          const pieces = [];
          const stream = await client.getObject(bucket, `get-${size}`);
          for await (const piece of stream) pieces.push(piece);
          return Buffer.concat(pieces).length;
        };
      case "s3-put": {
        const { bytes } = bodyOf(size);
        return async () => {
          const { etag } = await client.putObject(bucket, `put-${size}`, bytes, size);
          return etag === "" ? 0 : 1;
        };
      }
      case "s3-list":
        return async () => {
          let keys = 0;
          for await (const item of client.listObjectsV2(bucket, "", true)) if (item.name) keys += 1;
          return keys;
        };
      default:
        return undefined;
    }
  };
  return { call, close: async () => {} };
}
