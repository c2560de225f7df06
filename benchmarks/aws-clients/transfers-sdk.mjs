// `@aws-sdk/lib-storage` for uploads, and GetObject into a file, with their defaults.
import { createReadStream, createWriteStream } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { bucket, credentials, region } from "./operations.mjs";

/** `options`: what a user sets over the defaults of `Upload`. */
export function openTransfers({ endpoint, peers }, options) {
  const require = createRequire(join(peers, "package.json"));
  const { GetObjectCommand, S3Client } = require("@aws-sdk/client-s3");
  const { Upload } = require("@aws-sdk/lib-storage");
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  return {
    upload: (Key, path) => {
      const params = { Bucket: bucket, Key, Body: createReadStream(path) };
      return new Upload({ client, params, ...options }).done();
    },
    download: async (Key, path) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      await pipeline(Body, createWriteStream(path));
    },
    close: async () => client.destroy(),
  };
}

export async function open(options) {
  return openTransfers(options, {});
}
