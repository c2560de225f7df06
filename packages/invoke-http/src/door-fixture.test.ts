import type { TestContext } from "node:test";
import {
  type HostError,
  type Invocation,
  type Invoker,
  type InvokeResult,
  payloadFromChunks,
  payloadOf,
} from "@lambdad/core";
import { RawConnection, type RawResponse } from "@lambdad/testkit";
import type { InvokeDoorOptions } from "./door-options.ts";
import { EventStreamDecoder } from "./event-stream.ts";
import { InvokeDoor } from "./invoke-door.ts";
import { singleFunctionResolver } from "./single-function.ts";

export const configuration = {
  name: "echo",
  version: "$LATEST",
  region: "us-east-1",
  accountId: "123456789012",
  handler: "",
  memorySizeMb: 128,
  timeoutMs: 3_000,
};

export const invokePath = "/2015-03-31/functions/echo/invocations";
export const streamPath = "/2021-11-15/functions/echo/response-streaming-invocations";
export const asyncPath = "/2014-11-13/functions/echo/invoke-async";

type Script = (invocation: Invocation, signal: AbortSignal) => Promise<InvokeResult> | InvokeResult;

/** An invoker that does what the test tells it to. By default it returns the event. */
export class ScriptedInvoker implements Invoker {
  readonly invocations: Invocation[] = [];
  script: Script = (invocation) => returned(invocation.payload.chunks);

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    this.invocations.push(invocation);
    return this.script(invocation, signal);
  }
}

export function returned(body: string | readonly Uint8Array[], logTail?: Uint8Array): InvokeResult {
  return {
    kind: "returned",
    payload: typeof body === "string" ? payloadOf(body) : payloadFromChunks(body),
    contentType: "application/octet-stream",
    executedVersion: "7",
    logTail,
  };
}

export function failed(body: string, errorType: string, logTail?: Uint8Array): InvokeResult {
  return {
    kind: "failed",
    payload: payloadOf(body),
    contentType: "application/json",
    executedVersion: "7",
    errorType,
    logTail,
  };
}

export interface StartedDoor {
  readonly door: InvokeDoor;
  readonly port: number;
  readonly invoker: ScriptedInvoker;
  /** `status reason` of everything that was refused. */
  readonly rejections: string[];
  readonly failures: HostError[];
  readonly droppedTraceIds: () => number;
  /** Opens a connection that ends with the test. */
  readonly connect: () => Promise<RawConnection>;
  /** Sends one request on a connection of its own. */
  readonly send: (bytes: string | Uint8Array) => Promise<RawResponse>;
}

/** A door with a scripted invoker behind it, on a port of its own. */
export async function startDoor(
  t: TestContext,
  options: Partial<InvokeDoorOptions> = {},
): Promise<StartedDoor> {
  const invoker = new ScriptedInvoker();
  const rejections: string[] = [];
  const failures: HostError[] = [];
  let dropped = 0;
  const door = new InvokeDoor({
    invoker,
    resolve: singleFunctionResolver(configuration),
    observer: {
      rejected: (status, reason) => rejections.push(`${status} ${reason}`),
      failed: (error) => failures.push(error),
      traceIdDropped: () => dropped++,
    },
    ...options,
  });
  const { port } = await door.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => door.destroy());

  async function connect(): Promise<RawConnection> {
    const connection = await RawConnection.open(port);
    t.after(() => connection.destroy());
    return connection;
  }

  return {
    door,
    port,
    invoker,
    rejections,
    failures,
    droppedTraceIds: () => dropped,
    connect,
    send: async (bytes) => {
      const connection = await connect();
      connection.send(bytes);
      const response = await connection.readResponse();
      connection.destroy();
      if (response === undefined) throw new Error("The door ended without an answer");
      return response;
    },
  };
}

export interface RequestParts {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text goes out as Latin-1. */
  readonly body?: string | Uint8Array;
}

/** A request with a `Content-Length`, as bytes. */
export function request(
  path: string,
  { method = "POST", headers = {}, body = "" }: RequestParts = {},
): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : body;
  return Buffer.concat([
    requestHead(path, {
      method,
      headers: { ...headers, "Content-Length": String(bytes.byteLength) },
    }),
    bytes,
  ]);
}

/** The head of a request alone. */
export function requestHead(
  path: string,
  { method = "POST", headers = {} }: RequestParts = {},
): Buffer {
  let head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n`;
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  return Buffer.from(`${head}\r\n`, "latin1");
}

/** The messages of a streamed response: type and payload as text. */
export function messagesOf(body: Uint8Array): [string, string][] {
  const messages: [string, string][] = [];
  const decoder = new EventStreamDecoder(({ headers, payload }) => {
    messages.push([headers.get(":event-type") ?? "", Buffer.from(payload).toString()]);
  });
  decoder.write(body);
  decoder.end();
  return messages;
}
