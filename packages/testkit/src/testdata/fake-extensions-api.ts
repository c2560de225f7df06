import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

import { collectOutput, type CollectedOutput } from "../collect-output.ts";
import { ExtensionJournal } from "../extension-journal.ts";
import { rogueExtension, type RogueExtensionOptions } from "../rogue-extension.ts";

interface Call {
  /** `POST register`: method and the end of the path. */
  readonly route: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/**
 * The least of an Extensions API that a rogue extension can misbehave at. The identifier `id-1` is
 * known; an extension that calls itself `stranger` gets another one.
 */
export class FakeExtensionsApi {
  readonly calls: Call[] = [];
  readonly #waiting: ServerResponse[] = [];
  readonly #events: object[] = [];
  #runtime: ServerResponse | undefined;
  readonly #server = createServer((request, response) => this.#receive(request, response));

  async start(t: TestContext): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    t.after(() => {
      this.#server.closeAllConnections();
      this.#server.close();
    });
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get routes(): readonly string[] {
    return this.calls.map(({ route }) => route);
  }

  /** To the extension that waits, or to the next one. */
  give(event: object): void {
    this.#events.push(event);
    this.#match();
  }

  /** To the runtime that waits in `invocation/next`. */
  giveInvocation(payload: string): void {
    const headers = { "Lambda-Runtime-Aws-Request-Id": "request-id" };
    this.#runtime?.writeHead(200, headers).end(payload);
    this.#runtime = undefined;
  }

  #match(): void {
    while (this.#events.length > 0 && this.#waiting.length > 0) {
      const headers = { "Lambda-Extension-Event-Identifier": "event-id" };
      const body = JSON.stringify(this.#events.shift());
      this.#waiting.shift()?.writeHead(200, headers).end(body);
    }
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const route = `${method} ${url.replace("/2020-01-01/extension", "")}`;
      this.calls.push({ route, headers, body });
      if (route.endsWith("/invocation/next")) this.#runtime = response;
      else if (route === "GET /event/next") this.#next(headers, response);
      else if (route === "POST /register") {
        const id = headers["lambda-extension-name"] === "stranger" ? "id-2" : "id-1";
        response.writeHead(200, { "Lambda-Extension-Identifier": id }).end('{"functionName":"f"}');
      } else {
        response.writeHead(method === "PUT" ? 200 : 202).end('"OK"');
      }
    });
  }

  #next(headers: NodeJS.Dict<string | string[]>, response: ServerResponse): void {
    if (headers["lambda-extension-identifier"] !== "id-1") {
      response.writeHead(403).end('{"errorType":"wrong identifier"}');
    } else if (this.#waiting.length > 0) {
      response.writeHead(403).end('{"errorType":"second call"}');
    } else {
      this.#waiting.push(response);
      this.#match();
    }
  }
}

/** An extension that runs against a fake host. */
export interface RunningExtension {
  readonly api: FakeExtensionsApi;
  readonly journal: ExtensionJournal;
  readonly output: CollectedOutput;
  readonly pid: number | undefined;
  readonly folder: string;
}

/** Starts an extension of the name `agent` and its host; both end with the test. */
export async function runExtension(
  t: TestContext,
  makeOptions: (folder: string) => RogueExtensionOptions,
): Promise<RunningExtension> {
  const folder = mkdtempSync(join(tmpdir(), "rogue-"));
  const journal = new ExtensionJournal(join(folder, "journal"));
  const api = new FakeExtensionsApi();
  const address = await api.start(t);
  const options = { journal: journal.file, ...makeOptions(folder) };
  const file = rogueExtension(join(folder, "extensions"), "agent", options);
  const child = spawn(file, [], {
    env: { AWS_LAMBDA_RUNTIME_API: address, PATH: process.env["PATH"], GIVEN: 'a "b"\\c' },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const output = collectOutput(child);
  t.after(async () => {
    // Its children too, which may hold its output open.
    if (child.pid !== undefined) killGroup(child.pid);
    await output.end;
    rmSync(folder, { recursive: true, force: true });
  });
  return { api, journal, output, pid: child.pid, folder };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
