// A stand-in for S3 and DynamoDB: enough of both for the example and for the guide, and no more. It keeps
// everything in memory and checks no signatures.
//
// node stand-in.ts [PORT]
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerDynamoDb } from "./dynamodb-stand-in.ts";
import { answerS3 } from "./s3-stand-in.ts";

/** A running stand-in. */
export interface StandIn {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a stand-in on this machine.
 *
 * @param port 0 is any that is free.
 */
export async function startStandIn(port = 0): Promise<StandIn> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // The caller has left, or the stand-in has a fault: nobody can be answered any more.
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("x-amz-request-id", crypto.randomUUID());
  const target = request.headers["x-amz-target"];
  if (typeof target === "string" && target.startsWith("DynamoDB_20120810.")) {
    await answerDynamoDb(target.slice("DynamoDB_20120810.".length), request, response);
  } else {
    await answerS3(request, response);
  }
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await startStandIn(Number(process.argv[2] ?? 0));
  console.log(`Stand-in for S3 and DynamoDB at ${url}`);
}
