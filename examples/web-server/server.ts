// A web server over S3 and DynamoDB: one client of each, made when it starts and closed when it ends.
//
// node server.ts [--endpoint-url URL | --aws] [--bucket NAME] [--table NAME]
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseArgs } from "node:util";
import { ServiceError, Session } from "@lambdad/aws";
import { startStandIn } from "./stand-in.ts";

const { values } = parseArgs({
  options: {
    "endpoint-url": { type: "string" },
    // Your account in place of the stand-in.
    aws: { type: "boolean", default: false },
    bucket: { type: "string", default: "files" },
    table: { type: "string", default: "orders" },
  },
});
const endpointUrl = values["endpoint-url"];
const standIn = values.aws || endpointUrl !== undefined ? undefined : await startStandIn();

const session = new Session({
  ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
  ...(standIn !== undefined && {
    endpoint: standIn.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "EXAMPLE", secretAccessKey: "example" },
  }),
});
// Clients share their connections between all requests of the server: one of each is enough.
const s3 = session.client("s3");
const dynamodb = session.client("dynamodb", { nativeValues: true });

/** `GET /files/KEY`: an object, handed on piece by piece, as fast as the browser takes it. */
async function sendFile(key: string, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const object = await s3.getObject({ Bucket: values.bucket, Key: key }, { signal });
  response.writeHead(200, {
    "content-type": object.ContentType ?? "application/octet-stream",
    ...(object.ContentLength !== undefined && { "content-length": object.ContentLength }),
  });
  await object.Body?.pipe(response);
  const megabytes = process.resourceUsage().maxRSS / 1024;
  console.log(
    `Sent ${key}, ${object.ContentLength} bytes; at most ${megabytes.toFixed()} MiB of memory`,
  );
}

/** `GET /customers/NAME/orders`: what a customer has ordered, the newest first. */
async function sendOrders(
  customer: string,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { Items = [] } = await dynamodb.query(
    {
      TableName: values.table,
      KeyConditionExpression: "customer = :customer",
      ExpressionAttributeValues: { ":customer": customer },
      ScanIndexForward: false,
      Limit: 100,
    },
    { signal },
  );
  sendJson(response, 200, Items);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A browser that goes away ends what is done for it.
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const { pathname } = new URL(request.url ?? "/", "http://server");
  const file = /^\/files\/(.+)$/.exec(pathname)?.[1];
  const customer = /^\/customers\/([^/]+)\/orders$/.exec(pathname)?.[1];
  try {
    if (file !== undefined) await sendFile(decodeURIComponent(file), response, gone.signal);
    else if (customer !== undefined) {
      await sendOrders(decodeURIComponent(customer), response, gone.signal);
    } else sendJson(response, 404, { error: "Not found" });
  } catch (error) {
    fail(error, response);
  }
}

function fail(error: unknown, response: ServerResponse): void {
  if (response.headersSent || response.destroyed) {
    // Too late for another status: a response that breaks off is not taken for a whole one.
    response.destroy();
  } else if (error instanceof s3.errors.NoSuchKey) {
    sendJson(response, 404, { error: "There is no such file" });
  } else if (error instanceof ServiceError && error.throttling) {
    sendJson(response, 503, { error: "Try again later" });
  } else {
    console.error(error);
    sendJson(response, 502, { error: "The store cannot be reached" });
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(value)}\n`);
}

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") return;
  console.log(`Listening on http://${address.address}:${address.port}`);
});

let isStopping = false;

/** Takes no new requests, finishes those that run, and only then closes the clients. */
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  await session.close();
  await standIn?.close();
  console.log("Stopped");
}
process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => void stop());
