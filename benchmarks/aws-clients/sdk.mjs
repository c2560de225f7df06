// The AWS SDK for JavaScript v3, with its defaults.
import { createRequire } from "node:module";
import { join } from "node:path";
import {
  bodyOf,
  bucket,
  credentials,
  functionName,
  itemKey,
  itemOf,
  nativeItems,
  payloadOf,
  queuePath,
  region,
  tableOf,
} from "./operations.mjs";

const KeyConditionExpression = "pk = :pk AND begins_with(sk, :sk)";
const ExpressionAttributeValues = { ":pk": { S: "customer#4711" }, ":sk": { S: "order#" } };

/** Writes many items with the document client, in requests of 25; what is left is sent again. */
function batchWrite({ BatchWriteCommand, DynamoDBDocumentClient }, client, size) {
  const documents = DynamoDBDocumentClient.from(client);
  const TableName = tableOf(size);
  const items = nativeItems(size);
  return async () => {
    for (let at = 0; at < items.length; at += 25) {
      const writes = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
      let RequestItems = { [TableName]: writes };
      while (Object.keys(RequestItems ?? {}).length > 0) {
        RequestItems = (await documents.send(new BatchWriteCommand({ RequestItems })))
          .UnprocessedItems;
      }
    }
    return items.length;
  };
}

/** `options`: what a user sets over the defaults. */
export function openSdk({ endpoint, peers, sockets }, options) {
  const require = createRequire(join(peers, "package.json"));
  const config = { endpoint, region, credentials, forcePathStyle: true, ...options };
  if (sockets !== undefined) {
    const { NodeHttpHandler } = require("@smithy/node-http-handler");
    const agent = { keepAlive: true, maxSockets: sockets };
    config.requestHandler = new NodeHttpHandler({ httpAgent: agent, httpsAgent: agent });
  }
  const clients = [];
  const client = (name, type) => {
    const service = require(`@aws-sdk/client-${name}`);
    const made = new service[type](config);
    clients.push(made);
    return { made, service };
  };
  const call = (operation, size) => {
    switch (operation) {
      case "s3-get": {
        const { made, service } = client("s3", "S3Client");
        const input = { Bucket: bucket, Key: `get-${size}` };
        return async () => {
          const { Body } = await made.send(new service.GetObjectCommand(input));
          return (await Body.transformToByteArray()).length;
        };
      }
      case "s3-put": {
        const { made, service } = client("s3", "S3Client");
        const input = { Bucket: bucket, Key: `put-${size}`, Body: bodyOf(size).bytes };
        return async () => {
          const { ETag } = await made.send(new service.PutObjectCommand({ ...input }));
          return ETag === undefined ? 0 : 1;
        };
      }
      case "s3-list": {
        const { made, service } = client("s3", "S3Client");
        return async () => {
          const input = { Bucket: bucket };
          return (await made.send(new service.ListObjectsV2Command(input))).Contents.length;
        };
      }
      case "dynamodb-get": {
        const { made, service } = client("dynamodb", "DynamoDBClient");
        const input = { Key: itemKey, TableName: tableOf(size) };
        return async () => (await made.send(new service.GetItemCommand(input))).Item.data.S.length;
      }
      case "dynamodb-put": {
        const { made, service } = client("dynamodb", "DynamoDBClient");
        const input = { Item: itemOf(size), TableName: tableOf(size) };
        return async () => {
          const { $metadata } = await made.send(new service.PutItemCommand(input));
          return $metadata.httpStatusCode === 200 ? 1 : 0;
        };
      }
      case "dynamodb-batch": {
        // The document client adds middleware of its own.
        if (options.cacheMiddleware === true) return undefined;
        const { made } = client("dynamodb", "DynamoDBClient");
        return batchWrite(require("@aws-sdk/lib-dynamodb"), made, size);
      }
      case "dynamodb-query": {
        const { made, service } = client("dynamodb", "DynamoDBClient");
        const TableName = tableOf(0);
        const input = { TableName, KeyConditionExpression, ExpressionAttributeValues };
        return async () => (await made.send(new service.QueryCommand(input))).Items.length;
      }
      case "lambda-invoke": {
        const { made, service } = client("lambda", "LambdaClient");
        const input = { FunctionName: functionName, Payload: payloadOf(size).bytes };
        return async () => (await made.send(new service.InvokeCommand(input))).Payload.length;
      }
      case "sqs-send": {
        const { made, service } = client("sqs", "SQSClient");
        const input = { QueueUrl: `${endpoint}${queuePath}`, MessageBody: bodyOf(size).text };
        return async () => {
          const { MessageId } = await made.send(new service.SendMessageCommand(input));
          return MessageId === undefined ? 0 : 1;
        };
      }
      default:
        return undefined;
    }
  };
  return { call, close: async () => clients.forEach((one) => one.destroy()) };
}

export async function open(options) {
  return openSdk(options, {});
}
