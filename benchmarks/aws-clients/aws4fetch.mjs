// aws4fetch: it signs, and sends by `fetch`. Bodies are the caller's to write and to read.
import { createRequire } from "node:module";
import { join } from "node:path";
import { queryInput } from "./hand-signed.mjs";
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

async function checked(sent) {
  const response = await sent;
  if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`);
  return response;
}

export async function open({ endpoint, peers }) {
  const { AwsClient } = createRequire(join(peers, "package.json"))("aws4fetch");
  const clientOf = (service) => new AwsClient({ ...credentials, region, service });

  function json(service, target, value, result) {
    const client = clientOf(service);
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": target };
    return async () => {
      const body = JSON.stringify(value);
      const sent = client.fetch(`${endpoint}/`, { method: "POST", headers, body });
      return result(await (await checked(sent)).json());
    };
  }

  function call(operation, size) {
    const TableName = tableOf(size);
    const dynamodb = "DynamoDB_20120810";
    switch (operation) {
      case "s3-get": {
        const [client, url] = [clientOf("s3"), `${endpoint}/${bucket}/get-${size}`];
        return async () => (await (await checked(client.fetch(url))).arrayBuffer()).byteLength;
      }
      case "s3-put": {
        const [client, url] = [clientOf("s3"), `${endpoint}/${bucket}/put-${size}`];
        const { bytes: body } = bodyOf(size);
        return async () => {
          const response = await checked(client.fetch(url, { method: "PUT", body }));
          await response.arrayBuffer();
          return response.headers.get("etag") === null ? 0 : 1;
        };
      }
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
      case "lambda-invoke": {
        const client = clientOf("lambda");
        const url = `${endpoint}/2015-03-31/functions/${functionName}/invocations`;
        const { bytes: body } = payloadOf(size);
        return async () => {
          const response = await checked(client.fetch(url, { method: "POST", body }));
          return (await response.arrayBuffer()).byteLength;
        };
      }
      case "sqs-send":
        return json(
          "sqs",
          "AmazonSQS.SendMessage",
          { MessageBody: bodyOf(size).text, QueueUrl: `${endpoint}${queuePath}` },
          ({ MessageId }) => (MessageId === undefined ? 0 : 1),
        );
      default:
        // A list would be XML without a parser.
        return undefined;
    }
  }
  return { call, close: async () => {} };
}
