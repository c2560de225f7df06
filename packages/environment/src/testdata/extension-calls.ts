import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { RawConnection, type RawResponse } from "@lambdad/testkit";
import { RuntimeApiListener } from "../http/runtime-api-listener.ts";
import { RuntimeApi } from "../runtime/runtime-api.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import {
  type ExtensionsFixture,
  type ExtensionsFixtureOptions,
  makeExtensions,
} from "./extensions-fixture.ts";

export const registerPath: string = "/2020-01-01/extension/register";
export const nextPath: string = "/2020-01-01/extension/event/next";
export const initErrorPath: string = "/2020-01-01/extension/init/error";
export const exitErrorPath: string = "/2020-01-01/extension/exit/error";
/** Version 4, in lower case. */
export const uuid: RegExp = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const facts = { deadlineEpochMs: 1, invokedFunctionArn: "arn", traceId: "" };

/** A listener with the real rules behind it: sockets, but no processes. */
export interface ServedExtensions extends ExtensionsFixture {
  /** Opens a connection that ends with the test. */
  readonly open: () => Promise<RawConnection>;
  /** Sends one request over a connection of its own. */
  readonly ask: (request: string | Uint8Array) => Promise<RawResponse>;
  /** From now on no environment is behind the port. */
  readonly detach: () => void;
  /** Gives the event INVOKE for this request id to all who want it. */
  readonly invoke: (requestId: string) => void;
}

export interface ServeExtensionsOptions extends ExtensionsFixtureOptions {
  readonly disabled?: boolean;
}

/** Serves until the end of the test. */
export async function serveExtensions(t: TestContext, options: ServeExtensionsOptions = {}): Promise<ServedExtensions> {
  const fixture = makeExtensions(options);
  const listener = new RuntimeApiListener({ host: "127.0.0.1", port: 0 });
  await listener.start();
  t.after(() => listener.stop());
  const nothing = (): void => {};
  const runtime = new RuntimeApi(undefined, {
    runtimeReady: nothing,
    restored: nothing,
    initFailed: nothing,
    runtimeDone: nothing,
    slotFreed: nothing,
    pollerGone: nothing,
    rejected: nothing,
  });
  const extensions = options.disabled === true ? undefined : fixture.api;
  // What is subscribed to is no matter of the routes.
  const telemetry = { subscribe: () => undefined } as unknown as Telemetry;
  const apis = { runtime, extensions, telemetry };
  listener.attach(apis);
  async function open(): Promise<RawConnection> {
    const connection = await RawConnection.open(listener.port);
    t.after(() => connection.destroy());
    return connection;
  }
  async function ask(request: string | Uint8Array): Promise<RawResponse> {
    const connection = await open();
    connection.send(request);
    return answerOn(connection);
  }
  const invoke = (requestId: string): void => fixture.api.invoke({ requestId, ...facts });
  const detach = (): void => listener.detach(apis);
  return { ...fixture, open, ask, invoke, detach };
}

/** The next answer, which must be whole. */
export async function answerOn(connection: RawConnection): Promise<RawResponse> {
  const response = await connection.readResponse();
  assert.ok(response?.complete, "there was no whole answer");
  return response;
}

/** A request as it goes out. */
export function rawCall(method: string, path: string, headers: readonly string[], body = ""): string {
  const length = body === "" && method === "GET" ? [] : [`Content-Length: ${body.length}`];
  const lines = [`${method} ${path} HTTP/1.1`, "Host: localhost", ...headers, ...length];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** A registration. */
export function registerCall(name: string, events: readonly string[] = ["INVOKE"]): string {
  const body = JSON.stringify({ events });
  return rawCall("POST", registerPath, [`Lambda-Extension-Name: ${name}`], body);
}

/** A call of `event/next`. */
export function nextCall(id: string): string {
  return rawCall("GET", nextPath, [`Lambda-Extension-Identifier: ${id}`]);
}

/** A call of `init/error` or `exit/error`; an empty type is left out. */
export function errorCall(path: string, id: string, type = "Extension.Bad", body = ""): string {
  const headers = [`Lambda-Extension-Identifier: ${id}`];
  if (type !== "") headers.push(`Lambda-Extension-Function-Error-Type: ${type}`);
  return rawCall("POST", path, headers, body);
}

/** The identifier that a registration was answered with. */
export function idOf(response: RawResponse): string {
  const id = response.headers["lambda-extension-identifier"] ?? "";
  assert.match(id, uuid);
  return id;
}

/** The request id of an INVOKE. */
export function requestIdOf(response: RawResponse): string {
  assert.equal(response.status, 200);
  return JSON.parse(response.body.toString()).requestId;
}

/** Status, error type and message of a refusal, whose form is checked. */
export function refusalIn(response: RawResponse): string {
  assert.equal(response.headers["content-type"], "application/json");
  const { errorType, errorMessage, ...more } = JSON.parse(response.body.toString());
  assert.deepEqual(more, {});
  return `${response.status} ${errorType}: ${errorMessage}`;
}

