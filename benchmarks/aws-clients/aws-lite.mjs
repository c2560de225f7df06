// @aws-lite/client with its plugins. Its DynamoDB takes and gives values of JavaScript.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  bodyOf,
  bucket,
  credentials,
  functionName,
  payloadOf,
  queuePath,
  region,
  tableOf,
} from "./operations.mjs";

const Key = { pk: "customer#4711", sk: "order#0" };
const KeyConditionExpression = "pk = :pk AND begins_with(sk, :sk)";
const ExpressionAttributeValues = { ":pk": "customer#4711", ":sk": "order#" };

/** The item of `itemOf` in values of JavaScript. */
function plainItemOf(size) {
  return {
    ...Key,
    total: 1_299.95,
    count: 3,
    paid: true,
    note: null,
    tags: new Set(["new", "express", "gift"]),
    lines: [
      { sku: "A-1", quantity: 1, price: 999.95 },
      { sku: "B-22", quantity: 2, price: 150 },
    ],
    data: bodyOf(Math.max(1, size - 400)).text,
  };
}

export async function open({ endpoint, peers }) {
  const require = createRequire(join(peers, "package.json"));
  const awsLite = require("@aws-lite/client");
  const names = ["s3", "dynamodb", "lambda", "sqs"];
  const plugins = await Promise.all(
    names.map(async (name) => {
      const path = require.resolve(`@aws-lite/${name}`);
      return (await import(pathToFileURL(path))).default;
    }),
  );
  const { hostname, port, protocol } = new URL(endpoint);
  const aws = await awsLite({
    ...credentials,
    region,
    protocol: protocol.slice(0, -1),
    host: hostname,
    port: Number(port),
    plugins,
  });

  const call = (operation, size) => {
    const TableName = tableOf(size);
    switch (operation) {
      case "s3-get": {
        const input = { Bucket: bucket, Key: `get-${size}`, rawResponsePayload: true };
        return async () => (await aws.S3.GetObject(input)).Body.length;
      }
      case "s3-put": {
        const input = { Bucket: bucket, Key: `put-${size}`, Body: bodyOf(size).bytes };
        return async () => ((await aws.S3.PutObject(input)).ETag === undefined ? 0 : 1);
      }
      case "s3-list":
        return async () => (await aws.S3.ListObjectsV2({ Bucket: bucket })).Contents.length;
      case "dynamodb-get":
        return async () => (await aws.DynamoDB.GetItem({ Key, TableName })).Item.data.length;
      case "dynamodb-put": {
        const input = { Item: plainItemOf(size), TableName };
        return async () => {
          await aws.DynamoDB.PutItem(input);
          return 1;
        };
      }
      case "dynamodb-query": {
        const input = { TableName: tableOf(0), KeyConditionExpression, ExpressionAttributeValues };
        return async () => (await aws.DynamoDB.Query(input)).Items.length;
      }
      case "lambda-invoke": {
        // It takes objects and parses what comes back.
        const Payload = JSON.parse(payloadOf(size).text);
        return async () => {
          const result = await aws.Lambda.Invoke({ FunctionName: functionName, Payload });
          return result.Payload.data.length === Payload.data.length ? size : 0;
        };
      }
      case "sqs-send": {
        const input = { QueueUrl: `${endpoint}${queuePath}`, MessageBody: bodyOf(size).text };
        return async () => ((await aws.SQS.SendMessage(input)).MessageId === undefined ? 0 : 1);
      }
      default:
        return undefined;
    }
  };
  return { call, close: async () => {} };
}
