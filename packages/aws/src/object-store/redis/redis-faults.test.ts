import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { execFile } from "node:child_process";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import {
  type RedisServer,
  type RedisServerOptions,
  startRedis,
  unusedPort,
} from "@lambdad/testkit";
import { ConnectionError, TimeoutError } from "../../client/errors.ts";
import type { ObjectStorage } from "../object-storage.ts";
import { openRedisStorage, type RedisStorageOptions } from "./open-redis-storage.ts";
import { put, recordOf, textOf } from "./redis-fixture.test.ts";

async function start(
  t: TestContext,
  args: RedisServerOptions["args"] = [],
  options: RedisStorageOptions = {},
): Promise<{ server: RedisServer; storage: ObjectStorage }> {
  const server = await startRedis({ args });
  const storage = await openRedisStorage(server.uri, options);
  t.after(async () => {
    await storage.close();
    await server.stop();
  });
  return { server, storage };
}

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("CL-1: a Redis that is not there is a ConnectionError that says where, without the password", async () => {
  const port = await unusedPort();
  const storage = await openRedisStorage(`redis://u:hunter2@127.0.0.1:${port}`);
  await assert.rejects(Promise.resolve(storage.buckets()), (error: Error) => {
    assert.ok(error instanceof ConnectionError);
    assert.deepEqual([error.code, error.host, error.port], ["ECONNREFUSED", "127.0.0.1", port]);
    assert.match(error.message, /^Cannot connect to the store "redis:\/\/127\.0\.0\.1:\d+": /);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
  assert.doesNotMatch(storage.url, /hunter2/);
  await storage.close();
});

test("RedisStorage gives each of many calls that fail together an error of its own", async () => {
  const storage = await openRedisStorage(`redis://127.0.0.1:${await unusedPort()}`);
  const body = Buffer.from("x");
  const calls = [1, 2, 3].map(async (i) =>
    storage.write("bucket", `k${i}`, recordOf(body), body, {}),
  );
  const settled = await Promise.allSettled(calls);
  const errors = settled.map((each) => (each as PromiseRejectedResult).reason as Error);
  assert.equal(new Set(errors).size, 3);
  for (const error of errors) assert.ok(error instanceof ConnectionError);
  await storage.close();
});

test("CL-1: a connection is tried as often as was asked for, once by default", async (t) => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  const port = await listening(t, server);
  for (const [query, expected] of [
    ["", 1],
    ["?connection_attempts=3&retry_delay=0", 3],
  ] as const) {
    connections = 0;
    // With a password: without one nothing is asked before the first command.
    const storage = await openRedisStorage(`redis://:x@127.0.0.1:${port}${query}`);
    await assert.rejects(Promise.resolve(storage.buckets()), ConnectionError);
    assert.equal(connections, expected);
    await storage.close();
  }
});

test("CL-1: a later attempt reaches a Redis that came up meanwhile", async (t) => {
  const { server } = await start(t);
  await server.kill();
  const storage = await openRedisStorage(`${server.uri}?connection_attempts=100&retry_delay=0.05`);
  const buckets = storage.buckets();
  await server.start();
  assert.deepEqual(await buckets, []);
  await storage.close();
});

test("CL-8: calls under way when Redis is lost say whether anything may have been written; later ones connect anew", async (t) => {
  const { server, storage } = await start(t);
  await storage.createBucket("bucket", 1);
  server.pause();
  const calls = [put(storage, "a", "a"), textOf(storage, "a")];
  await Promise.all([server.kill(), ...calls.map((call) => assert.rejects(call, ConnectionError))]);
  await assert.rejects(calls[0] as Promise<unknown>, {
    code: "ECONNRESET",
    message: /^Cannot write in the store .*; whether the write took place is not known$/,
  });
  await assert.rejects(calls[1] as Promise<unknown>, {
    message: /^Cannot read in the store .*: the connection was lost \(.*\)$/,
  });
  await assert.rejects(Promise.resolve(storage.buckets()), { code: "ECONNREFUSED" });
  await server.start();
  assert.equal(await storage.createBucket("bucket", 1), "done");
  assert.equal(await put(storage, "a", "again"), "done");
  assert.equal(await textOf(storage, "a"), "again");
});

test("CL-11: a Redis that is silent ends calls at the limit, and the next call connects anew", async (t) => {
  const { server, storage } = await start(t, [], { silenceMs: 100 });
  await storage.createBucket("bucket", 1);
  server.pause();
  await assert.rejects(put(storage, "a", "a"), (error: Error) => {
    assert.ok(error instanceof TimeoutError);
    assert.deepEqual([error.limit, error.ms], ["attemptTimeout", 100]);
    assert.match(error.message, /did not answer within 100 ms; whether the write took place/);
    return true;
  });
  server.resume();
  assert.equal(await put(storage, "a", "b"), "done");
  assert.equal(await textOf(storage, "a"), "b");
});

test("CL-11: a server that accepts and says nothing ends the connection at its limit", async (t) => {
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const port = await listening(
    t,
    createServer((socket) => sockets.push(socket)),
  );
  // A password: without one nothing is said before the first command.
  const storage = await openRedisStorage(`redis://:x@127.0.0.1:${port}/1`, {
    connectTimeoutMs: 100,
  });
  await assert.rejects(Promise.resolve(storage.buckets()), {
    name: "ConnectionError",
    code: "ETIMEDOUT",
  });
  await storage.close();
});

test("RedisStorage maps what Redis refuses to errors that say what to do", async (t) => {
  const { server, storage } = await start(t, ["--requirepass", "hunter2"]);
  await assert.rejects(Promise.resolve(storage.buckets()), {
    code: "AccessDenied",
    message: /it wants a password/,
  });
  const open = async (user: string): Promise<ObjectStorage> => {
    const opened = await openRedisStorage(server.uri.replace("//", `//${user}@`));
    t.after(() => opened.close());
    return opened;
  };
  const wrong = await open(":hunter3");
  await assert.rejects(Promise.resolve(wrong.buckets()), (error: Error) => {
    assert.match(error.message, /user or password are wrong/);
    assert.doesNotMatch(error.message, /hunter/);
    return true;
  });
  const right = await open("default:hunter2");
  assert.deepEqual(await right.buckets(), []);
  await right.createBucket("bucket", 1);
  assert.equal(await put(right, "a", "a"), "done");
  const config = async (...args: string[]): Promise<void> => {
    const cli = ["-p", String(server.port), "-a", "hunter2", "--no-auth-warning", ...args];
    await promisify(execFile)("redis-cli", cli);
  };
  await config("CONFIG", "SET", "maxmemory", "1");
  await assert.rejects(put(right, "b", "b"), {
    code: "ServiceUnavailable",
    message: /it is full \("maxmemory"\); nothing was written/,
  });
  assert.equal(await textOf(right, "a"), "a");
  await config("CONFIG", "SET", "maxmemory", "0");
  assert.equal(await right.read("bucket", "b", { body: "none", streamAbove: 0 }), "no-key");
  await config("REPLICAOF", "127.0.0.1", "1");
  await assert.rejects(put(right, "b", "b"), { message: /it is a read-only replica/ });
  assert.equal(await textOf(right, "a"), "a");
});

test("RedisStorage says that it cannot use a cluster", async (t) => {
  const { storage } = await start(t, ["--cluster-enabled", "yes"]);
  await assert.rejects(Promise.resolve(storage.createBucket("bucket", 1)), {
    name: "ConfigurationError",
    message: /it is a Redis Cluster, which this store cannot use; give a single Redis/,
  });
});

test("CL-16: close waits for what is under way, and refuses what comes later", async (t) => {
  const { storage } = await start(t);
  await storage.createBucket("bucket", 1);
  const body = Buffer.from("x");
  const calls = Array.from({ length: 50 }, async (_, i) =>
    storage.write("bucket", `k${i}`, recordOf(body), body, {}),
  );
  await storage.close();
  assert.deepEqual(
    await Promise.all(calls),
    Array.from({ length: 50 }, () => "done"),
  );
  await assert.rejects(Promise.resolve(storage.buckets()), { name: "ClientClosedError" });
});

test("CL-16: an idle store keeps no process alive, and a call under way does", async (t) => {
  const { server } = await start(t);
  const file = new URL("open-redis-storage.ts", import.meta.url).href;
  const script = `
    const { openRedisStorage } = await import(${JSON.stringify(file)});
    const storage = await openRedisStorage(${JSON.stringify(server.uri)});
    await storage.createBucket("process", 1);
    storage.buckets().then((buckets) => console.log(buckets[0].name));
  `;
  const args = ["--conditions=@lambdad/source", "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  assert.equal(stdout, "process\n");
});
