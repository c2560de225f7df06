// InvokeWithResponseStream through three processes: a server, the broker, and a host of the function.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { EventStreamDecoder } from "@lambdad/invoke-http";
import { brokerUri, collectOutput, waitFor } from "@lambdad/testkit";
import { queueName } from "./testdata/amqp-host.ts";
import { folderOf, startDaemon } from "./testdata/daemon-process.ts";

const timeout = 60_000;
const lambdaRuntime = fileURLToPath(
  new URL("../../node-runtime/src/amqp/main.ts", import.meta.url),
);

/** Sends its first piece, waits until the file `go` exists, and sends the rest. */
const source = `
import { existsSync } from "node:fs";
import { once } from "node:events";

export const handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType("text/plain");
  stream.write("first,");
  while (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 5));
  for (let index = 0; index < event.count; index += 1) {
    if (!stream.write(Buffer.alloc(65536, index))) await once(stream, "drain");
  }
  if (event.fails) throw new RangeError("broke");
  stream.end("last");
});
`;

interface StreamHost {
  readonly name: string;
  readonly folder: string;
}

async function startLambdad(t: TestContext): Promise<StreamHost> {
  const folder = folderOf(t, { "app.mjs": source });
  const name = queueName();
  const daemon = await startDaemon(t, ["run", "--name", name, "app.handler"], {
    cwd: folder,
    env: { AMQP_URI: await brokerUri() },
  });
  await waitFor(() => /Serving '\S+' from the queue/.test(daemon.stderr), { what: "its consumer" });
  return { name, folder };
}

async function startLambdaRuntime(t: TestContext, args: readonly string[]): Promise<StreamHost> {
  const folder = folderOf(t, { "app.mjs": source });
  const name = queueName();
  const options = ["-u", await brokerUri(), "-q", name, ...args, "app.mjs"];
  const child = spawn(
    process.execPath,
    ["--conditions=@lambdad/source", lambdaRuntime, ...options],
    { cwd: folder, env: { PATH: process.env["PATH"] }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const output = collectOutput(child);
  t.after(async () => {
    child.kill("SIGKILL");
    await output.end;
  });
  await waitFor(() => output.stderr.includes("Consuming queue"), {
    timeoutMs: 30_000,
    what: "the line 'Consuming queue …'",
  });
  return { name, folder };
}

/** The response as its messages come: type, and payload as text. */
class StreamedAnswer {
  readonly messages: (readonly [type: string, payload: string])[] = [];
  readonly #decoder = new EventStreamDecoder(({ headers, payload }) => {
    this.messages.push([headers.get(":event-type") ?? "", Buffer.from(payload).toString("latin1")]);
  });

  static async begin(
    url: string,
    name: string,
    event: object,
  ): Promise<[StreamedAnswer, Response]> {
    const path = `/2021-11-15/functions/${name}/response-streaming-invocations`;
    const response = await fetch(url + path, { method: "POST", body: JSON.stringify(event) });
    return [new StreamedAnswer(), response];
  }

  get text(): string {
    return this.messages
      .filter(([type]) => type === "PayloadChunk")
      .map(([, payload]) => payload)
      .join("");
  }

  async read(response: Response, onPiece: () => void): Promise<void> {
    for await (const piece of response.body ?? []) {
      this.#decoder.write(piece as Uint8Array);
      onPiece();
    }
    this.#decoder.end();
  }
}

describe("lambdad server streams a function behind a queue", () => {
  for (const [place, start] of [
    ["that a daemon runs", (t) => startLambdad(t)],
    ["that lambda-runtime runs", (t) => startLambdaRuntime(t, [])],
    ["that a thread of lambda-runtime runs", (t) => startLambdaRuntime(t, ["--threads", "1"])],
  ] satisfies readonly (readonly [string, (t: TestContext) => Promise<StreamHost>])[]) {
    test(`${place}: the first byte comes before the function ends`, { timeout }, async (t) => {
      const { name, folder } = await start(t);
      const server = await startDaemon(t, ["server"], { env: { AMQP_URI: await brokerUri() } });
      const [answer, response] = await StreamedAnswer.begin(server.url, name, { count: 40 });
      assert.equal(response.status, 200);
      await answer.read(response, () => {
        // The function goes on only now.
        if (answer.text === "first,") writeFileSync(join(folder, "go"), "");
      });
      assert.equal(answer.text.length, 40 * 65_536 + "first,last".length);
      assert.ok(answer.text.endsWith("last"));
      assert.deepEqual(answer.messages.at(-1), ["InvokeComplete", "{}"]);

      const [broken, second] = await StreamedAnswer.begin(server.url, name, {
        count: 0,
        fails: true,
      });
      await broken.read(second, () => undefined);
      assert.equal(broken.text, "first,");
      const [type, payload] = broken.messages.at(-1) ?? [];
      assert.equal(type, "InvokeComplete");
      assert.match(payload ?? "", /RangeError.*broke/);
    });
  }

  test("to 'lambdad invoke --stream --amqp-uri' likewise", { timeout }, async (t) => {
    const { name, folder } = await startLambdad(t);
    const main = fileURLToPath(new URL("./main.ts", import.meta.url));
    const call = ["invoke", "--stream", "--amqp-uri", await brokerUri(), name, '{"count":2}'];
    const child = spawn(process.execPath, ["--conditions=@lambdad/source", main, ...call], {
      env: { PATH: process.env["PATH"] },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = collectOutput(child);
    t.after(() => child.kill("SIGKILL"));
    const [first] = await once(child.stdout, "data");
    assert.equal(String(first), "first,");
    writeFileSync(join(folder, "go"), "");
    assert.equal((await output.end).code, 0);
    assert.equal(output.stdout.length, 2 * 65_536 + "first,last".length);
  });
});
