import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startRedis, unusedPort } from "@lambdad/testkit";
import { ConnectionError } from "../../client/errors.ts";
import { Session } from "../../client/session.ts";
import { openRedisStorage } from "./open-redis-storage.ts";

test("RedisStorage speaks TLS with rediss:, and trusts nobody that it does not know", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-redis-tls-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const args = [...request.split(" "), ...name, "-keyout", key, "-out", cert];
  await promisify(execFile)("openssl", args);
  const tlsPort = await unusedPort();
  const files = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-auth-clients", "no"];
  const server = await startRedis({ args: ["--tls-port", String(tlsPort), ...files] });
  t.after(() => server.stop());

  for (const host of ["127.0.0.1", "localhost"]) {
    const url = `rediss://${host}:${tlsPort}`;
    const storage = await openRedisStorage(url, { ca: readFileSync(cert) });
    assert.deepEqual(await storage.buckets(), []);
    await storage.close();
    const stranger = await openRedisStorage(url);
    await assert.rejects(Promise.resolve(stranger.buckets()), (error: Error) => {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.code, "DEPTH_ZERO_SELF_SIGNED_CERT");
      return true;
    });
    await stranger.close();
    await trustOfSessions(url, readFileSync(cert, "utf8"));
  }
});

/** Clients with the same URL do not share what only some of them trust. */
async function trustOfSessions(endpoint: string, ca: string): Promise<void> {
  const trusts = [{ ca }, { rejectUnauthorized: false }, {}];
  const sessions = trusts.map((trust) => new Session({ endpoint, ...trust }));
  const outcomes = await Promise.allSettled(
    sessions.map((session) => session.client("s3").listBuckets({})),
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected"],
  );
  for (const session of sessions) await session.close();
}
