// @lambdad/aws with all its features on. The checksums are those that it sends to AWS's own hosts.
import { Session } from "@lambdad/aws";
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

export async function open({ endpoint }) {
  const session = new Session({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_SUPPORTED",
    responseChecksumValidation: "WHEN_SUPPORTED",
  });
  const call = (operation, size) => {
    const client = session.client(operation.slice(0, operation.indexOf("-")));
    const TableName = tableOf(size);
    switch (operation) {
      case "s3-get": {
        const input = { Bucket: bucket, Key: `get-${size}` };
        return async () => (await (await client.getObject(input)).Body.bytes()).length;
      }
      case "s3-put": {
        const input = { Bucket: bucket, Key: `put-${size}`, Body: bodyOf(size).bytes };
        return async () => ((await client.putObject(input)).ETag === undefined ? 0 : 1);
      }
      case "s3-list":
        return async () => (await client.listObjectsV2({ Bucket: bucket })).Contents.length;
      case "dynamodb-get": {
        const input = { Key: itemKey, TableName };
        return async () => (await client.getItem(input)).Item.data.S.length;
      }
      case "dynamodb-put": {
        const input = { Item: itemOf(size), TableName };
        return async () => ((await client.putItem(input)).$metadata.httpStatusCode === 200 ? 1 : 0);
      }
      case "dynamodb-batch": {
        const table = session.resource("dynamodb").Table(TableName);
        const items = nativeItems(size);
        return async () => {
          const writer = table.batchWriter();
          for (const item of items) await writer.put(item);
          await writer.close();
          return items.length;
        };
      }
      case "dynamodb-query": {
        const input = { TableName: tableOf(0), KeyConditionExpression, ExpressionAttributeValues };
        return async () => (await client.query(input)).Items.length;
      }
      case "lambda-invoke": {
        const input = { FunctionName: functionName, Payload: payloadOf(size).bytes };
        return async () => (await client.invoke(input)).Payload.length;
      }
      case "sqs-send": {
        const input = { QueueUrl: `${endpoint}${queuePath}`, MessageBody: bodyOf(size).text };
        return async () => ((await client.sendMessage(input)).MessageId === undefined ? 0 : 1);
      }
      default:
        return undefined;
    }
  };
  return { call, close: () => session.close() };
}
