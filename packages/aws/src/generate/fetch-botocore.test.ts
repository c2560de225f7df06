import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { fetchBotocore } from "./fetch-botocore.ts";
import { botocoreServices, readBundle } from "./read-botocore.ts";

const cache = mkdtempSync(join(tmpdir(), "lambdad-botocore-"));
after(() => rmSync(cache, { recursive: true, force: true }));

const release = join(cache, "botocore-9.9.9");

function write(path: string, text: string): void {
  mkdirSync(dirname(join(release, path)), { recursive: true });
  writeFileSync(join(release, path), text);
}

write("botocore.whl", "wheel");
write("unpacked/botocore-9.9.9.dist-info/LICENSE.txt", "licence");
write("unpacked/botocore-9.9.9.dist-info/licenses/NOTICE", "notice");
for (const [version, protocol] of [
  ["2010-01-01", "query"],
  ["2020-01-01", "json"],
]) {
  const folder = `unpacked/botocore/data/thing/${version}`;
  const model = { metadata: { protocol }, operations: {}, shapes: {} };
  write(`${folder}/service-2.json`, JSON.stringify(model));
  const extras = { merge: { metadata: { serviceId: "Thing" } } };
  write(`${folder}/service-2.sdk-extras.json`, JSON.stringify(extras));
}
write("unpacked/botocore/data/empty/2020-01-01/examples-1.json", "{}");
write("unpacked/botocore/data/partitions.json", "{}");

describe("fetchBotocore()", () => {
  const sha256 = "40e5d5a1ef7ad8f4a1ed9c5d9b3d2f6d5a0f7b1f0a1e3c5d7b9f1a3c5e7d9b1f";

  test("takes what the cache has", () => {
    const { lock, license, notice } = fetchBotocore(cache, "9.9.9");
    assert.deepEqual([lock.version, lock.file], ["9.9.9", "botocore.whl"]);
    assert.match(lock.sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual([license, notice], ["licence", "notice"]);
    assert.deepEqual(fetchBotocore(cache, "9.9.9", lock.sha256).lock, lock);
  });

  test("refuses a file that is not the pinned one", () => {
    assert.throws(() => fetchBotocore(cache, "9.9.9", sha256), /the lock says "40e5/);
  });

  for (const version of ["", "latest", "1.2 --index", "-r x"]) {
    test(`refuses the version "${version}"`, () => {
      assert.throws(() => fetchBotocore(cache, version), /a version is like "1\.44\.5"/);
    });
  }
});

describe("readBundle()", () => {
  const { data } = fetchBotocore(cache, "9.9.9");

  test("finds services, and takes the latest version of each with its extras", () => {
    assert.deepEqual(botocoreServices(data), ["thing"]);
    const { metadata } = readBundle(data, "thing").service;
    assert.deepEqual(metadata, { protocol: "json", serviceId: "Thing" });
  });

  test("refuses a service that is not there", () => {
    assert.throws(() => readBundle(data, "empty"), /"empty": it has no model/);
  });
});
