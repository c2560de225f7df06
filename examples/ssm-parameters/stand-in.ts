// A stand-in for AWS Systems Manager that knows some parameters, ten to a page as on AWS.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A running stand-in. */
export interface StandIn {
  readonly url: string;
  close(): Promise<void>;
}

const parameters = [
  ["/shop/prod/database/host", "String", "db.prod.example.com"],
  ["/shop/prod/database/password", "SecureString", "correct horse battery staple"],
  ["/shop/prod/regions", "StringList", "eu-west-1,eu-central-1"],
  ...Array.from({ length: 22 }, (_, index) => [
    `/shop/prod/features/feature-${String(index + 1).padStart(2, "0")}`,
    "String",
    index % 3 === 0 ? "on" : "off",
  ]),
  ["/shop/test/database/host", "String", "db.test.example.com"],
].map(([Name = "", Type = "", Value = ""]) => ({ Name, Type, Value, Version: 1 }));

interface GetParametersByPath {
  readonly Path: string;
  readonly Recursive?: boolean;
  readonly WithDecryption?: boolean;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** Starts a stand-in on a free port of this machine. */
export async function startStandIn(): Promise<StandIn> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = Buffer.concat(await request.toArray()).toString();
  if (request.headers["x-amz-target"] !== "AmazonSSM.GetParametersByPath") {
    send(response, 400, { __type: "UnknownOperationException" });
    return;
  }
  send(response, 200, pageOf(JSON.parse(text) as GetParametersByPath));
}

function pageOf(input: GetParametersByPath): object {
  const below = `${input.Path.replace(/\/$/, "")}/`;
  const all = parameters.filter(({ Name }) => {
    const rest = Name.startsWith(below) ? Name.slice(below.length) : undefined;
    return rest !== undefined && (input.Recursive === true || !rest.includes("/"));
  });
  const from = Number(input.NextToken ?? 0);
  const to = from + Math.min(input.MaxResults ?? 10, 10);
  const shown = all
    .slice(from, to)
    .map((each) =>
      each.Type === "SecureString" && input.WithDecryption !== true
        ? { ...each, Value: "AQICAHexample" }
        : each,
    );
  return { Parameters: shown, ...(to < all.length && { NextToken: String(to) }) };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify(body));
}
