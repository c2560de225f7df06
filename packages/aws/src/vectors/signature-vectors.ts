import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalHeaders } from "../sigv4/canonical-headers.ts";
import { encodePath } from "../sigv4/canonical-path.ts";
import { presignRequest } from "../sigv4/presign.ts";
import {
  canonicalRequest,
  RequestSigner,
  type SigningOptions,
  stringToSign,
} from "../sigv4/request-signer.ts";
import { signingTime } from "../sigv4/signing-time.ts";
import { differenceOf, shown } from "./difference.ts";
import { parseRequest, type RawRequest } from "./signature-request.ts";
import type { Vector } from "./vector.ts";

/** `context.json`: with what, when and how a request is signed. */
interface SigningContext {
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

/** A case, ready to be signed. */
interface SignatureCase {
  readonly request: RawRequest;
  readonly options: SigningOptions;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string | undefined;
  };
  readonly tokenUnsigned: boolean;
  readonly nowMs: number;
  readonly expiresIn: number;
  readonly scope: string;
  readonly payloadHash: string;
  /** Text of an expected file, for the form that is signed; `undefined`: the case has none. */
  expected(file: string): string | undefined;
}

/** The signatures in `sigv4`: each case signs its headers, and its query. */
export function signatureVectors(folder: string): Vector[] {
  const path = join(folder, "sigv4");
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => existsSync(join(path, name, "request.txt")))
    .sort()
    .flatMap((name) => {
      const forms = ["header", "query"] as const;
      return forms
        .filter((form) => existsSync(join(path, name, `${form}-signature.txt`)))
        .map((form) => ({
          name: `sigv4/${name}/${form}`,
          run() {
            const signature = readCase(join(path, name), form);
            return form === "header" ? signHeaders(signature) : signQuery(signature);
          },
        }));
    });
}

function readCase(folder: string, form: string): SignatureCase {
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");
  const context = JSON.parse(read("context.json")) as SigningContext;
  const raw = parseRequest(read("request.txt"));
  const { region, service, credentials } = context;
  const nowMs = Date.parse(context.timestamp);
  return {
    // Without normalisation the path is signed as it is sent, and it is sent encoded.
    request: context.normalize ? raw : { ...raw, path: encodePath(raw.path) },
    options: {
      region,
      service,
      pathAsSent: !context.normalize,
      contentSha256Header: context.sign_body,
    },
    credentials: {
      accessKeyId: credentials.access_key_id,
      secretAccessKey: credentials.secret_access_key,
      sessionToken: credentials.token,
    },
    tokenUnsigned: context.omit_session_token === true,
    nowMs,
    expiresIn: context.expiration_in_seconds,
    scope: `${signingTime(nowMs).slice(0, 8)}/${region}/${service}/aws4_request`,
    payloadHash: createHash("sha256").update(raw.body).digest("hex"),
    expected(file) {
      const name = `${form}-${file}.txt`;
      if (!existsSync(join(folder, name))) return undefined;
      return read(name).replaceAll("\r\n", "\n").trimEnd();
    },
  };
}

function signHeaders(each: SignatureCase): string | undefined {
  const { options, credentials, tokenUnsigned } = each;
  const request = { ...each.request, headers: [...each.request.headers] };
  const signer = new RequestSigner(options);
  const { sessionToken, ...keys } = credentials;
  const signature = signer.sign(
    request,
    each.payloadHash,
    tokenUnsigned ? keys : credentials,
    each.nowMs,
  );
  if (tokenUnsigned && sessionToken !== undefined) {
    request.headers.push("x-amz-security-token", sessionToken);
  }
  const signed = request.headers.slice(0, request.headers.indexOf("authorization"));
  const covered = tokenUnsigned ? without(signed, "x-amz-security-token") : signed;
  return (
    canonicalDifference(each, request.query, covered) ??
    signatureDifference(each, signature) ??
    signedDifference(each, ({ headers }) =>
      differenceOf(headerPairs(request.headers), headerPairs(headers), "headers"),
    )
  );
}

function signQuery(each: SignatureCase): string | undefined {
  const { request, credentials, nowMs, expiresIn, payloadHash, tokenUnsigned } = each;
  const options = { ...each.options, nowMs, expiresIn, payloadHash, tokenUnsigned };
  const presigned = presignRequest(request, credentials, { ...options, signContentType: true });
  const pairs = presigned.query.split("&");
  const signature = pairs.find((pair) => pair.startsWith("X-Amz-Signature="))?.split("=")[1] ?? "";
  const covered = pairs.filter(
    (pair) =>
      !pair.startsWith("X-Amz-Signature=") &&
      !(tokenUnsigned && pair.startsWith("X-Amz-Security-Token=")),
  );
  return (
    canonicalDifference(each, covered, request.headers) ??
    signatureDifference(each, signature) ??
    signedDifference(each, ({ query }) => differenceOf(pairs.toSorted(), query.toSorted(), "query"))
  );
}

function signedDifference(
  each: SignatureCase,
  compare: (wanted: RawRequest) => string | undefined,
): string | undefined {
  const wanted = each.expected("signed-request");
  return wanted === undefined ? undefined : compare(parseRequest(wanted));
}

/** Compares the canonical request and the string to sign. */
function canonicalDifference(
  each: SignatureCase,
  query: readonly string[],
  headers: readonly string[],
): string | undefined {
  const { request, options, payloadHash, nowMs, scope } = each;
  const { method, path } = request;
  const { lines, names } = canonicalHeaders(headers);
  const asSent = options.pathAsSent === true;
  const canonical = canonicalRequest({ method, path, query }, lines, names, payloadHash, asSent);
  const wanted = each.expected("canonical-request");
  if (wanted !== undefined && canonical !== wanted) {
    return `canonical request is ${shown(canonical)}, expected ${shown(wanted)}`;
  }
  const text = stringToSign("AWS4-HMAC-SHA256", signingTime(nowMs), scope, canonical);
  const wantedText = each.expected("string-to-sign");
  return wantedText === undefined || text === wantedText
    ? undefined
    : `string to sign is ${shown(text)}, expected ${shown(wantedText)}`;
}

function signatureDifference(each: SignatureCase, signature: string): string | undefined {
  const wanted = each.expected("signature");
  return wanted === undefined || signature === wanted
    ? undefined
    : `signature is ${signature}, expected ${wanted}`;
}

function headerPairs(headers: readonly string[]): readonly string[] {
  const pairs: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    pairs.push(`${headers[at]}: ${headers[at + 1]?.trim()}`);
  }
  return pairs.sort();
}

function without(headers: readonly string[], name: string): readonly string[] {
  const at = headers.indexOf(name);
  return at < 0 ? headers : [...headers.slice(0, at), ...headers.slice(at + 2)];
}
