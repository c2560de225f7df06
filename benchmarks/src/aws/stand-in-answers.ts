import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  bodyOf,
  itemOf,
  listKeys,
  payloadOf,
  queryItems,
  sizes,
} from "../../aws-clients/operations.mjs";

/** A whole response, ready to be written. */
export interface Answer {
  readonly head: Buffer;
  readonly body: Buffer;
}

const ids = [
  "x-amz-request-id: 4442587FB7D0A2F9",
  "x-amz-id-2: vlR7PnpV2Ce81l0PRw6jlUpck7Jo5ZsQjryTjKlc5aLWGVHPZLj5NeC6qMa0emYBDXOo6QBU0Wo=",
  "Date: Sat, 21 Nov 2026 12:00:00 GMT",
  "Server: AmazonS3",
];
const etag = '"0cc175b9c0f1b6a831c399e269772661"';

/** The answers of a stand-in for S3, DynamoDB, Lambda and SQS; each is made once. */
export class StandInAnswers {
  readonly #made = new Map<string, Answer>();

  /**
   * The answer to a request.
   *
   * @param head request line and headers, Latin-1.
   * @param bodyBytes size of its body.
   * @param bodyStart what has come of it with the head, Latin-1.
   */
  to(head: string, bodyBytes: number, bodyStart: string): Answer {
    const [method = "", path = ""] = head.split(" ", 2);
    if (method === "PUT") return this.#once("put", () => respond([...ids, `ETag: ${etag}`], ""));
    if (method === "GET" || method === "HEAD") return this.#toGet(path, head);
    if (path.startsWith("/2015-03-31/functions/")) {
      const size = nearestSize(bodyBytes);
      return this.#once(`invoke ${size}`, () => invoked(size));
    }
    const [, target = ""] = /^x-amz-target:\s*(\S+)/im.exec(head) ?? [];
    const [, operation = ""] = target.split(".");
    const size = nearestSize(bodyBytes);
    if (bodyStart.startsWith("Action=SendMessage")) {
      return this.#once(`send ${size} in XML`, () => sentInXml(size));
    }
    switch (operation) {
      case "GetItem": {
        // Items of different sizes are in different tables.
        const name = bodyStart.includes("16KB") ? "16KB" : "1KB";
        return this.#once(`get ${name}`, () => json({ Item: itemOf(sizes[name]) }));
      }
      case "PutItem":
        return this.#once("put item", () => json({}));
      case "BatchWriteItem":
        return this.#once("batch", () => json({ UnprocessedItems: {} }));
      case "Query":
        return this.#once("query", query);
      case "SendMessage":
        return this.#once(`send ${size}`, () => sent(size));
      default:
        return this.#once("unknown", () => json({ __type: "UnknownOperationException" }, 400));
    }
  }

  #toGet(path: string, head: string): Answer {
    if (path.includes("list-type=2")) return this.#once("list", list);
    const [, size = "1024"] = /\/get-(\d+)/.exec(path) ?? [];
    const isChecked = /^x-amz-checksum-mode:/im.test(head);
    return this.#once(`object ${size} ${isChecked}`, () => object(Number(size), isChecked));
  }

  #once(name: string, make: () => Answer): Answer {
    let answer = this.#made.get(name);
    if (answer === undefined) {
      answer = make();
      this.#made.set(name, answer);
    }
    return answer;
  }
}

function nearestSize(bytes: number): number {
  let nearest = sizes["1KB"];
  for (const size of Object.values(sizes)) if (bytes >= size) nearest = size;
  return nearest;
}

function respond(headers: readonly string[], body: string | Buffer, status = 200): Answer {
  const bytes = Buffer.from(body);
  const reason = status === 200 ? "OK" : "Bad Request";
  const lines = [`HTTP/1.1 ${status} ${reason}`, ...headers, `Content-Length: ${bytes.length}`];
  return { head: Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body: bytes };
}

function json(value: unknown, status = 200): Answer {
  const text = JSON.stringify(value);
  const headers = [
    "Server: Server",
    "Date: Sat, 21 Nov 2026 12:00:00 GMT",
    "Content-Type: application/x-amz-json-1.0",
    "x-amzn-RequestId: 5T0EK6V2NVBA7T6M5P2R9B7P9RVV4KQNSO5AEMVJF66Q9ASUAAJG",
    `x-amz-crc32: ${crc32(text)}`,
  ];
  return respond(headers, text, status);
}

function object(size: number, isChecked: boolean): Answer {
  const { bytes } = bodyOf(size);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  const headers = [
    ...ids,
    "Last-Modified: Fri, 20 Nov 2026 12:00:00 GMT",
    `ETag: ${etag}`,
    "x-amz-server-side-encryption: AES256",
    "Accept-Ranges: bytes",
    "Content-Type: application/octet-stream",
    "x-amz-meta-owner: benchmark",
  ];
  if (isChecked) {
    headers.push(`x-amz-checksum-crc32: ${checksum.toString("base64")}`);
    headers.push("x-amz-checksum-type: FULL_OBJECT");
  }
  return respond(headers, bytes);
}

function list(): Answer {
  const contents = Array.from({ length: listKeys }, (_, index) => {
    const key = `photos/2026/11/21/picture-${String(index).padStart(6, "0")}.jpg`;
    return `<Contents><Key>${key}</Key><LastModified>2026-11-20T12:00:00.000Z</LastModified><ETag>&quot;0cc175b9c0f1b6a831c399e269772661&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>${4_096 + index}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const head = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>benchmark-bucket</Name><Prefix></Prefix><KeyCount>${listKeys}</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>`;
  const text = `${head}${contents.join("")}</ListBucketResult>`;
  return respond([...ids, "Content-Type: application/xml"], text);
}

function query(): Answer {
  const Items = Array.from({ length: queryItems }, (_, index) => itemOf(600, String(index)));
  return json({ Count: queryItems, Items, ScannedCount: queryItems });
}

function invoked(size: number): Answer {
  const headers = [
    "Date: Sat, 21 Nov 2026 12:00:00 GMT",
    "Content-Type: application/json",
    "x-amzn-RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95",
    "x-amzn-Remapped-Content-Length: 0",
    "X-Amz-Executed-Version: $LATEST",
    "X-Amzn-Trace-Id: root=1-6740f2d0-2c5bd1a61f3d7e6a6a2b9c1e;sampled=0",
  ];
  return respond(headers, payloadOf(size).bytes);
}

const messageId = "219f8380-5770-4cc2-8c3e-5c715e145f5e";

function sent(size: number): Answer {
  return json({ MD5OfMessageBody: md5Of(size), MessageId: messageId });
}

/** The older protocol of SQS, which one of the clients speaks. */
function sentInXml(size: number): Answer {
  const result = `<MessageId>${messageId}</MessageId><MD5OfMessageBody>${md5Of(size)}</MD5OfMessageBody>`;
  const text = `<?xml version="1.0"?><SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><SendMessageResult>${result}</SendMessageResult><ResponseMetadata><RequestId>27daac76-34dd-47df-bd01-1f6e873584a0</RequestId></ResponseMetadata></SendMessageResponse>`;
  return respond(["Content-Type: text/xml"], text);
}

function md5Of(size: number): string {
  return createHash("md5").update(bodyOf(size).text).digest("hex");
}
