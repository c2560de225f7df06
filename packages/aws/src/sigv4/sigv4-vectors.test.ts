import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import type { Credentials } from "../credentials/credentials.ts";
import { canonicalHeaders } from "./canonical-headers.ts";
import { encodePath, encodeStrict } from "./canonical-path.ts";
import { EMPTY_PAYLOAD_HASH, payloadHash } from "./payload-signing.ts";
import { presignRequest } from "./presign.ts";
import {
  ALGORITHM,
  canonicalRequest,
  RequestSigner,
  stringToSign,
  type SignableRequest,
} from "./request-signer.ts";

/** The vectors of aws-c-auth: a folder for each case. */
const vectors = join(
  process.env["CONFORMANCE_DIR"] ??
    resolve(import.meta.dirname, "../../../../../shared/conformance"),
  "sigv4",
);

interface Context {
  readonly credentials: {
    readonly access_key_id: string;
    readonly secret_access_key: string;
    readonly token?: string;
  };
  readonly expiration_in_seconds: number;
  readonly normalize: boolean;
  readonly region: string;
  readonly service: string;
  readonly sign_body: boolean;
  readonly timestamp: string;
  readonly omit_session_token?: boolean;
}

/** A request as the vectors write it: neither its path nor its query is encoded. */
function readRequest(text: string): SignableRequest & { body: string } {
  const [head = "", ...rest] = text.replaceAll("\r\n", "\n").split("\n\n");
  const [start = "", ...lines] = head.split("\n");
  const [, method = "", target = ""] = /^(\S+) (.*) HTTP\/1\.1$/s.exec(start) ?? [];
  const [path = "", query = ""] = target.split("?");
  const headers: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    // A line without name goes on with the value before it.
    if (/^\s/.test(line)) headers[headers.length - 1] += ` ${line.trim()}`;
    else if (colon > 0) headers.push(line.slice(0, colon).toLowerCase(), line.slice(colon + 1));
  }
  const pairs = query === "" ? [] : query.split("&").map(encodePair);
  return { method, path, query: pairs, headers, body: rest.join("\n\n") };
}

function encodePair(pair: string): string {
  const equals = pair.indexOf("=");
  const name = equals < 0 ? pair : pair.slice(0, equals);
  const value = equals < 0 ? "" : pair.slice(equals + 1);
  return `${encode(name)}=${encode(value)}`;
}

function encode(text: string): string {
  return encodeStrict(decodeURIComponent(text));
}

const folders = existsSync(vectors) ? readdirSync(vectors) : [];

for (const folder of folders) {
  const read = (name: string): string =>
    readFileSync(join(vectors, folder, name), "utf8").trimEnd();
  const context = JSON.parse(read("context.json")) as Context;
  const request = readRequest(readFileSync(join(vectors, folder, "request.txt"), "utf8"));
  const nowMs = Date.parse(context.timestamp);
  const credentials: Credentials = {
    accessKeyId: context.credentials.access_key_id,
    secretAccessKey: context.credentials.secret_access_key,
    sessionToken: context.credentials.token,
  };
  const digest = context.sign_body ? payloadHash(request.body) : EMPTY_PAYLOAD_HASH;
  // The signer encodes a path once more; the vectors count from one that is not encoded yet.
  const path = context.normalize ? request.path : encodePath(request.path);
  const options = {
    region: context.region,
    service: context.service,
    pathAsSent: !context.normalize,
    contentSha256Header: context.sign_body,
  };

  describe(`vector ${folder}`, () => {
    test("RequestSigner.sign() gives its signature", () => {
      const headers = [...request.headers];
      const signer = new RequestSigner(options);
      const signed = context.omit_session_token
        ? { ...credentials, sessionToken: undefined }
        : credentials;
      const signature = signer.sign({ ...request, path, headers }, digest, signed, nowMs);
      const { lines, names } = canonicalHeaders(headers.slice(0, -2));
      const canonical = canonicalRequest(
        { ...request, path },
        lines,
        names,
        digest,
        !context.normalize,
      );
      assert.equal(canonical, read("header-canonical-request.txt"));
      const scope = `${context.timestamp.slice(0, 10).replaceAll("-", "")}/${context.region}/${context.service}/aws4_request`;
      assert.equal(
        stringToSign(ALGORITHM, context.timestamp.replaceAll(/[-:]/g, ""), scope, canonical),
        read("header-string-to-sign.txt"),
      );
      assert.equal(signature, read("header-signature.txt"));
      const authorization = /^authorization:(.*)$/im.exec(read("header-signed-request.txt"))?.[1];
      assert.equal(headers.at(-1), authorization);
    });

    test("presignRequest() gives its signature", () => {
      const { query } = presignRequest({ ...request, path }, credentials, {
        ...options,
        nowMs,
        expiresIn: context.expiration_in_seconds,
        payloadHash: digest,
        signContentType: true,
        tokenUnsigned: context.omit_session_token,
      });
      assert.match(query, new RegExp(`&X-Amz-Signature=${read("query-signature.txt")}$`));
      const [, expected = ""] =
        /^\S+ \S*?\?(.*) HTTP\/1\.1/.exec(
          read("query-signed-request.txt").replaceAll("example space", "example%20space"),
        ) ?? [];
      assert.deepEqual(query.split("&").sort(), expected.split("&").map(encodePair).sort());
    });
  });
}

test(
  "the vectors of aws-c-auth are there",
  { skip: folders.length === 0 && "no conformance data" },
  () => {
    assert.ok(folders.includes("get-vanilla"));
  },
);
