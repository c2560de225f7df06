import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../client/errors.ts";
import { parseFileUrl } from "./file-url.ts";
import { openFileStorage } from "./open-file-storage.ts";

const skip = process.platform === "win32";

for (const [url, folder, fsync] of [
  ["file:///srv/objects", "/srv/objects", false],
  ["file:///srv/objects/", "/srv/objects", false],
  ["file://localhost/srv/objects?fsync=1", "/srv/objects", true],
  ["FILE:///a%20b/%C3%A9%25?fsync=off", "/a b/é%", false],
  ["file:///", "/", false],
] as const) {
  test(`parseFileUrl: ${url}`, { skip }, () => {
    assert.deepEqual(parseFileUrl(url), { folder, fsync });
  });
}

for (const [url, message] of [
  ["file:objects", /absolute path, with three slashes/],
  ["file:/objects", /absolute path/],
  ["file://./objects", /absolute path/],
  ["file://server/objects", /absolute path/],
  ["file:///objects#part", /absolute path/],
  ["file:///objects?sync=1", /no option "sync"; there are fsync/],
  ["file:///objects?fsync=maybe", /"fsync" is "maybe"/],
  ["file:///100%", /cannot be decoded/],
  ["file:///a%00b", /NUL/],
] as const) {
  test(`openFileStorage: refuses ${url}`, { skip }, () => {
    assert.throws(
      () => openFileStorage(url),
      (error) => error instanceof ConfigurationError && message.test(error.message),
    );
  });
}
