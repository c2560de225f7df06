// SET and GET of the package `redis`, which the store `redis:` runs on: what it cannot be better than.
import { createClient } from "redis";
import { bodyOf } from "./operations.mjs";
import { keyOf, keys } from "./store-keys.mjs";

export async function open({ endpoint }) {
  const client = createClient({ url: endpoint });
  await client.connect();
  const { RESP_TYPES } = await import("redis");
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const call = (operation, size) => {
    const { bytes } = bodyOf(size);
    let turn = 0;
    const next = () => `raw/${keyOf(size, (turn += 1))}`;
    const put = async (key) => ((await client.set(key, bytes)) === "OK" ? 1 : 0);
    switch (operation) {
      case "store-put":
        return () => put(next());
      case "store-get": {
        const filled = Promise.all(keys.map((index) => put(`raw/${keyOf(size, index)}`)));
        let isFilled = false;
        return async () => {
          if (!isFilled) {
            await filled;
            isFilled = true;
          }
          return (await binary.get(next())).length;
        };
      }
      default:
        return undefined;
    }
  };
  return { call, close: () => client.close() };
}
