// @lambdad/aws on an object store: `redis:`, `file:` or `memory:`.
import { References, Session } from "@lambdad/aws";
import { bodyOf, bucket } from "./operations.mjs";
import { keyOf, keys } from "./store-keys.mjs";

export async function open({ endpoint }) {
  const session = new Session({ endpoint });
  const s3 = session.client("s3");
  await s3.createBucket({ Bucket: bucket }).catch((error) => {
    if (error.name !== "BucketAlreadyOwnedByYou") throw error;
  });
  const get = async (Key) => {
    const { Body } = await s3.getObject({ Bucket: bucket, Key });
    return (await Body.bytes()).length;
  };
  const call = (operation, size) => {
    const { bytes } = bodyOf(size);
    let turn = 0;
    const next = () => keyOf(size, (turn += 1));
    const put = async (Key) => {
      const { ETag } = await s3.putObject({ Bucket: bucket, Key, Body: bytes });
      return ETag === undefined ? 0 : 1;
    };
    switch (operation) {
      case "store-put":
        return () => put(next());
      case "store-get": {
        const filled = Promise.all(keys.map((index) => put(keyOf(size, index))));
        let isFilled = false;
        return async () => {
          if (!isFilled) {
            await filled;
            isFilled = true;
          }
          return get(next());
        };
      }
      // Put, and resolved by whoever was given the reference: a round trip.
      case "store-reference": {
        const references = new References(s3, { bucket });
        return async () => {
          const reference = await references.put(bytes, { key: next() });
          return (await references.bytes(reference)).length;
        };
      }
      default:
        return undefined;
    }
  };
  return { call, close: () => session.close() };
}
