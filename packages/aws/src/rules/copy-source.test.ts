import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCopySource } from "./copy-source.ts";

const sources: readonly (readonly [text: string, parts: readonly unknown[] | undefined])[] = [
  ["b/k", ["b", "k", undefined]],
  ["/b/k", ["b", "k", undefined]],
  ["b//k/", ["b", "/k/", undefined]],
  ["b/a%2Fb%20c", ["b", "a/b c", undefined]],
  ["b/50%", ["b", "50%", undefined]],
  ["b/a+b", ["b", "a+b", undefined]],
  ["b/k?versionId=a%2Bb", ["b", "k", "a+b"]],
  ["b/k?versionId=%zz", ["b", "k", "%zz"]],
  ["b/k%3FversionId%3D1", ["b", "k?versionId=1", undefined]],
  ["b/line\nbreak", ["b", "line\nbreak", undefined]],
  ["arn:aws:s3:r:1:accesspoint/p/object/a/b", ["arn:aws:s3:r:1:accesspoint/p", "a/b", undefined]],
  ["b", undefined],
  ["b/", undefined],
  ["", undefined],
  ["arn:aws:s3:::b/k", undefined],
];

for (const [text, parts] of sources) {
  test(`parseCopySource reads ${JSON.stringify(text)}`, () => {
    const source = parseCopySource(text);
    const { bucket, key, versionId } = source ?? {};
    assert.deepEqual(source && [bucket, key, versionId], parts);
  });
}
