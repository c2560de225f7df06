import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { test } from "node:test";
import { startRedis } from "./redis-server.ts";

test("startRedis gives a Redis of its own, which can be killed and started again", async (t) => {
  const redis = await startRedis({ args: ["--maxmemory", "16mb"] });
  t.after(() => redis.stop());
  assert.match(await ask(redis.port, "CONFIG GET maxmemory"), /16777216/);
  await redis.kill();
  await assert.rejects(ask(redis.port, "PING"), { code: "ECONNREFUSED" });
  await redis.start();
  assert.equal(await ask(redis.port, "PING"), "+PONG\r\n");
  await redis.stop();
  assert.equal(existsSync(redis.folder), false);
});

async function ask(port: number, line: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1", () => socket.write(`${line}\r\n`));
  socket.on("data", (data) => resolve(data.toString())).on("error", reject);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
