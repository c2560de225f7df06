import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../client/errors.ts";
import { readStoreUrl } from "../store-url.ts";
import { loadRedis } from "./load-redis.ts";
import { openRedisStorage } from "./open-redis-storage.ts";
import { readRedisUrl } from "./redis-url.ts";

const plain = {
  shown: "redis://cache",
  host: "cache",
  port: 6379,
  isTls: false,
  username: undefined,
  password: undefined,
  database: 0,
  connectionAttempts: 1,
  retryDelayMs: 2000,
  ttlMs: undefined,
  hasIndex: true,
};

const urls = {
  "redis://cache": {},
  "rediss://cache:7000/3": { shown: "rediss://cache:7000/3", isTls: true, port: 7000, database: 3 },
  "redis://[::1]/": { shown: "redis://[::1]/", host: "::1" },
  "redis://us%40er:p%2Fw%25@cache": { username: "us@er", password: "p/w%" },
  "redis://:secret@cache": { password: "secret" },
  "redis://cache?connection_attempts=3&retry_delay=0.5&ttl=60&index=off": {
    shown: "redis://cache?connection_attempts=3&retry_delay=0.5&ttl=60&index=off",
    connectionAttempts: 3,
    retryDelayMs: 500,
    ttlMs: 60_000,
    hasIndex: false,
  },
  "redis://cache?retry_delay=0": { shown: "redis://cache?retry_delay=0", retryDelayMs: 0 },
};

for (const [url, expected] of Object.entries(urls)) {
  test(`readRedisUrl reads ${url}`, () => {
    assert.deepEqual(readRedisUrl(readStoreUrl(url)), { ...plain, ...expected });
  });
}

const wrong = {
  "redis://u:hunter2@cache?speed=9&x=1": /it has no option "speed"; there are connection_attempts/,
  "redis://u:hunter2@cache?cluster=on": /it has no option "cluster"/,
  "redis://u:hunter2@cache/zero": /its database is "zero"; give a number/,
  "redis://u:hunter2@cache?connection_attempts=0": /"connection_attempts" is "0"/,
  "redis://u:hunter2@cache?connection_attempts=1.5": /must be a whole number/,
  "redis://u:hunter2@cache?retry_delay=-1": /"retry_delay" is "-1"; give seconds/,
  "redis://u:hunter2@cache?retry_delay=": /"retry_delay" is ""/,
  "redis://u:hunter2@cache?ttl=0": /"ttl" is "0"/,
  "redis://u:hunter2@cache?ttl=1e300": /"ttl" must be at most/,
  "redis://u:hunter2@cache?index=maybe": /"index" is "maybe"/,
  "redis://u:hunter2%@cache": /its password has a "%" without two digits/,
  "redis://u:hunter2@cache#x": /a fragment cannot be in it/,
  "redis:/0": /it has no host/,
};

for (const [url, message] of Object.entries(wrong)) {
  test(`openRedisStorage refuses ${url} without the password`, async () => {
    await assert.rejects(openRedisStorage(url), (error: Error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });
}

const missing = Object.assign(new Error("Cannot find it"), { code: "ERR_MODULE_NOT_FOUND" });

test("loadRedis says what to install", async () => {
  await assert.rejects(
    loadRedis(() => Promise.reject(missing)),
    {
      name: "ConfigurationError",
      message: /it needs the package "redis"; install it with "npm install redis"/,
    },
  );
  await assert.rejects(
    loadRedis(() => Promise.resolve({} as never)),
    { message: /has no createClient; install a newer one/ },
  );
  await assert.rejects(
    loadRedis(() => Promise.reject(new Error("broken"))),
    { message: "broken" },
  );
});
