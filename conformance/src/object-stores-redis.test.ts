// The contract of object stores on Redis.
import { after, before, describe } from "node:test";
import { findRedisServer, type RedisServer, startRedis } from "@lambdad/testkit";
import { processCases } from "./object-store-contract/process-cases.ts";
import { testObjectStore } from "./object-store-contract/run-contract.ts";

// In CI nothing may be left out in silence.
const isThere = findRedisServer() !== undefined || process.env["CI"] === "true";
const skip = isThere ? false : "Redis is not installed (Debian: apt-get install redis-server)";

describe("object store contract: redis:", { skip }, () => {
  let server: RedisServer;
  before(async () => {
    server = await startRedis();
  });
  after(() => server?.stop());

  const open = () => ({ name: "redis:", isServer: false, options: { endpoint: server.uri } });
  testObjectStore(open, "redis:", {});

  // As for keys that others write: lists look through all keys of the server.
  const unindexed = () => ({
    name: "redis:?index=off",
    isServer: false,
    options: { endpoint: `${server.uri}/1?index=off` },
  });
  testObjectStore(unindexed, "redis:?index=off", {});

  testObjectStore(open, "redis:", {}, { processes: processCases });
});
