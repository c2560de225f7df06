// The least that a call needs: a request put together from constants, signed, with the checksums that
// S3 clients send and check. No model, no retries, no time-outs, no validation.
import { createHash, createHmac, createSecretKey } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  bodyOf,
  bucket,
  credentials,
  functionName,
  itemKey,
  itemOf,
  payloadOf,
  queuePath,
  region,
  tableOf,
} from "./operations.mjs";

const emptyHash = createHash("sha256").digest("hex");
const keys = new Map();

function signingKey(day, service) {
  const name = `${day}/${service}`;
  let key = keys.get(name);
  if (key === undefined) {
    let bytes = `AWS4${credentials.secretAccessKey}`;
    for (const part of [day, region, service, "aws4_request"]) {
      bytes = createHmac("sha256", bytes).update(part).digest();
    }
    key = createSecretKey(bytes);
    keys.set(name, key);
  }
  return key;
}

function sha256(data) {
  return createHash("sha256").update(data).digest("hex");
}

function crc32Base64(bytes) {
  const sum = Buffer.allocUnsafe(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}

/** `headers`: names in lower case, sorted, and values, alternating; `host` and the date among them. */
function sign(service, method, path, query, headers, payloadHash, time) {
  let canonical = `${method}\n${path}\n${query}\n`;
  let names = "";
  for (let at = 0; at < headers.length; at += 2) {
    canonical += `${headers[at]}:${headers[at + 1]}\n`;
    names += at === 0 ? headers[at] : `;${headers[at]}`;
  }
  canonical += `\n${names}\n${payloadHash}`;
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  const signature = createHmac("sha256", signingKey(day, service)).update(text).digest("hex");
  return `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

let lastMs = 0;
let lastTime = "";

function now() {
  const ms = Math.floor(Date.now() / 1_000) * 1_000;
  if (ms !== lastMs) {
    lastMs = ms;
    lastTime = `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  }
  return lastTime;
}

/** Makes the calls of a client that sends by `send(request, done)`; `done(error, headers, body)`. */
export function handSigned({ endpoint, send }) {
  const { host, protocol } = new URL(endpoint);
  const isSecure = protocol === "https:";

  function exchange(request, result) {
    return new Promise((resolve, reject) => {
      send(request, (error, status, headers, body) => {
        if (error !== undefined) reject(error);
        else if (status !== 200) reject(new Error(`status ${status}: ${body}`));
        else resolve(result(headers, body));
      });
    });
  }

  function json(service, target, value, result) {
    return () => {
      const body = JSON.stringify(value);
      const time = now();
      const headers = [
        "content-type",
        "application/x-amz-json-1.0",
        "host",
        host,
        "x-amz-date",
        time,
        "x-amz-target",
        target,
      ];
      headers.push("authorization", sign(service, "POST", "/", "", headers, sha256(body), time));
      return exchange({ method: "POST", path: "/", headers, body }, (_headers, bytes) =>
        result(JSON.parse(bytes.toString())),
      );
    };
  }

  function s3Get(size) {
    const path = `/${bucket}/get-${size}`;
    return () => {
      const time = now();
      const headers = [
        "host",
        host,
        "x-amz-checksum-mode",
        "ENABLED",
        "x-amz-content-sha256",
        emptyHash,
        "x-amz-date",
        time,
      ];
      headers.push("authorization", sign("s3", "GET", path, "", headers, emptyHash, time));
      return exchange({ method: "GET", path, headers }, (answer, body) => {
        const at = answer.indexOf("x-amz-checksum-crc32");
        if (String(answer[at + 1]) !== crc32Base64(body)) throw new Error("a wrong checksum");
        return body.length;
      });
    };
  }

  function s3Put(size) {
    const path = `/${bucket}/put-${size}`;
    const { bytes } = bodyOf(size);
    return () => {
      const time = now();
      const hash = isSecure ? "UNSIGNED-PAYLOAD" : sha256(bytes);
      const headers = [
        "content-type",
        "application/octet-stream",
        "host",
        host,
        "x-amz-checksum-crc32",
        crc32Base64(bytes),
        "x-amz-content-sha256",
        hash,
        "x-amz-date",
        time,
      ];
      headers.push("authorization", sign("s3", "PUT", path, "", headers, hash, time));
      return exchange({ method: "PUT", path, headers, body: bytes }, () => 1);
    };
  }

  function s3List() {
    const path = `/${bucket}`;
    const query = "encoding-type=url&list-type=2";
    return () => {
      const time = now();
      const headers = ["host", host, "x-amz-content-sha256", emptyHash, "x-amz-date", time];
      headers.push("authorization", sign("s3", "GET", path, query, headers, emptyHash, time));
      // Counted and not read: what a parser takes is not this floor's to say.
      return exchange(
        { method: "GET", path: `${path}?${query}`, headers },
        (_headers, body) => body.toString().split("<Contents>").length - 1,
      );
    };
  }

  function invoke(size) {
    const path = `/2015-03-31/functions/${functionName}/invocations`;
    const { bytes } = payloadOf(size);
    return () => {
      const time = now();
      const headers = [
        "content-type",
        "application/octet-stream",
        "host",
        host,
        "x-amz-date",
        time,
      ];
      headers.push("authorization", sign("lambda", "POST", path, "", headers, sha256(bytes), time));
      return exchange(
        { method: "POST", path, headers, body: bytes },
        (_headers, body) => body.length,
      );
    };
  }

  const queueUrl = `${endpoint}${queuePath}`;
  const dynamodb = "DynamoDB_20120810";
  return (operation, size) => {
    const TableName = tableOf(size);
    switch (operation) {
      case "s3-get":
        return s3Get(size);
      case "s3-put":
        return s3Put(size);
      case "s3-list":
        return s3List();
      case "dynamodb-get":
        return json(
          "dynamodb",
          `${dynamodb}.GetItem`,
          { Key: itemKey, TableName },
          ({ Item }) => Item.data.S.length,
        );
      case "dynamodb-put":
        return json("dynamodb", `${dynamodb}.PutItem`, { Item: itemOf(size), TableName }, () => 1);
      case "dynamodb-query":
        return json("dynamodb", `${dynamodb}.Query`, queryInput, ({ Items }) => Items.length);
      case "lambda-invoke":
        return invoke(size);
      case "sqs-send":
        return json(
          "sqs",
          "AmazonSQS.SendMessage",
          { MessageBody: bodyOf(size).text, QueueUrl: queueUrl },
          ({ MessageId }) => (MessageId === undefined ? 0 : 1),
        );
      default:
        return undefined;
    }
  };
}

/** The input of the query that all clients send. */
export const queryInput = {
  TableName: tableOf(0),
  KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
  ExpressionAttributeValues: { ":pk": { S: "customer#4711" }, ":sk": { S: "order#" } },
};
