import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

import { collectOutput } from "./collect-output.ts";
import { type RogueMode, type RogueReport, rogueRuntime } from "./rogue-runtime.ts";
import { waitFor } from "./wait-for.ts";

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly complete: boolean;
  readonly trailers: NodeJS.Dict<string>;
}

/** The least of a Runtime API that a rogue runtime can misbehave at: it accepts everything. */
async function start(t: TestContext, events: string[], mode: RogueMode, ...args: string[]) {
  const seen: Seen[] = [];
  let handedOut = 0;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.endsWith("/invocation/next") === true && request.method === "GET") {
      const event = events[handedOut];
      if (event === undefined) return;
      handedOut += 1;
      response.setHeader("Lambda-Runtime-Aws-Request-Id", `id-${handedOut}`);
      response.end(event);
      return;
    }
    let body = "";
    const record = (): void => {
      const { method = "", url = "", complete, trailers } = request;
      seen.push({
        method,
        path: url.replace("/2018-06-01/runtime/", ""),
        body,
        complete,
        trailers,
      });
    };
    request.setEncoding("latin1").on("data", (text: string) => (body += text));
    request.on("end", () => {
      record();
      response.writeHead(202).end('{"status":"OK"}\n');
    });
    request.on("error", record);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const [command = "", ...rest] = rogueRuntime(mode, ...args);
  const child = spawn(command, rest, {
    env: { AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${address.port}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collectOutput(child);
  t.after(async () => {
    child.kill("SIGKILL");
    await output.end;
    server.closeAllConnections();
    server.close();
  });
  const paths = (): string[] => seen.map(({ path }) => path);
  return { seen, paths, output, child };
}

const event = '{"some":"event"}';
const report = '{"report":true}';

/** Modes that end: what they end with. */
const ends: [RogueMode, string[], { code?: number; signal?: string; paths: string[] }][] = [
  ["init-exit", ["3"], { code: 3, paths: [] }],
  ["init-exit", ["SIGKILL"], { signal: "SIGKILL", paths: [] }],
  ["init-error", ["Function.Bad"], { code: 1, paths: ["init/error"] }],
  ["init-error", ["Function.Bad", "twice"], { code: 1, paths: ["init/error", "init/error"] }],
  ["exit", ["0"], { code: 0, paths: [] }],
  ["exit", ["SIGSEGV"], { signal: "SIGSEGV", paths: [] }],
  ["exit-after", ["9"], { code: 9, paths: ["invocation/id-1/response"] }],
  ["stream-exit", ["2"], { code: 2, paths: ["invocation/id-1/response"] }],
  ["truncated-length", ["exit"], { code: 0, paths: ["invocation/id-1/response"] }],
];
for (const [mode, args, expected] of ends) {
  test(`rogueRuntime() ${mode} ${args.join(" ")} ends as told`, async (t) => {
    const rogue = await start(t, [event], mode, ...args);
    const end = await rogue.output.end;
    assert.equal(end.code, expected.code ?? null, end.stderr);
    assert.equal(end.signal, expected.signal ?? null);
    await waitFor(() => rogue.seen.length === expected.paths.length);
    assert.deepEqual(rogue.paths(), expected.paths);
  });
}

const response = "invocation/id-1/response";

/** Modes that live on: what the host sees before the report. */
const living: [RogueMode, string[], string[]][] = [
  ["echo", [], [response]],
  ["init-slow", ["1"], [response]],
  ["fail", ["Function.X", "binary"], ["invocation/id-1/error"]],
  ["fail-cause", ["8000"], ["invocation/id-1/error"]],
  ["answer-twice", [], [response, response, "invocation/id-1/error"]],
  ["empty-id", [], ["invocation//response", "invocation/%20/response", response]],
  ["init-error-late", [], ["init/error", response]],
  ["truncated-length", ["close"], [response]],
  ["truncated-chunk", ["reset"], [response]],
  ["slow-body", [], [response]],
  ["oversize-length", ["100000"], [response]],
  ["oversize-chunked", ["100000"], [response]],
  ["bad-mode", [], [response]],
  ["lines", ["3"], [response]],
  ["binary-output", [], [response]],
  ["flood", ["stderr", "300000"], [response]],
  ["close-output", [], [response]],
  ["late", ["1"], [response]],
  ["stream", ["3", "70000"], [response]],
  ["stream", ["2", "5", "1"], [response]],
  ["stream-error", [], [response]],
  ["stream-bad-trailers", [], [response]],
  ["stream-cut", ["close"], [response]],
  ["prelude", [], [response]],
];
for (const [mode, args, paths] of living) {
  test(`rogueRuntime() ${mode} ${args.join(" ")} misbehaves and lives on`, async (t) => {
    const rogue = await start(t, [event, report], mode, ...args);
    await waitFor(() => rogue.paths().includes("invocation/id-2/response"));
    assert.deepEqual(rogue.paths().slice(0, -1), paths);
    const reported = JSON.parse(rogue.seen.at(-1)?.body ?? "") as RogueReport;
    assert.equal(reported.pid, rogue.child.pid);
    assert.equal(reported.invocations, 2);
    assert.deepEqual(reported.argv, [mode, ...args]);
  });
}

test("rogueRuntime() stream-error ends its body with error trailers", async (t) => {
  const rogue = await start(t, [event], "stream-error", "Function.Y");
  await waitFor(() => rogue.seen.length === 1);
  const [{ body, trailers, complete }] = rogue.seen as [Seen];
  assert.equal(body, "onetwo");
  assert.ok(complete);
  assert.equal(trailers["lambda-runtime-function-error-type"], "Function.Y");
});

test("rogueRuntime() truncated-length sends less than it declared", async (t) => {
  const rogue = await start(t, [event], "truncated-length");
  await waitFor(() => rogue.seen.length === 1);
  assert.equal(rogue.seen[0]?.complete, false);
});

test("rogueRuntime() repeat-next tells whether it got the same event again", async (t) => {
  const rogue = await start(t, [event, "{}", report], "repeat-next");
  await waitFor(() => rogue.paths().includes("invocation/id-3/response"));
  const { seen } = JSON.parse(rogue.seen.at(-1)?.body ?? "") as RogueReport;
  assert.deepEqual(seen, [{ step: "next again", line: "different" }]);
});

test("rogueRuntime() daemon leaves a process behind that is no child of it", async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), "rogue-")), "pid");
  const rogue = await start(t, [event], "daemon", file);
  await waitFor(() => rogue.seen.length === 1 && existsSync(file));
  const pid = Number(readFileSync(file, "utf8"));
  assert.ok(pid > 1);
  t.after(() => process.kill(pid, "SIGKILL"));
  rogue.child.kill("SIGKILL");
  await rogue.output.end;
  assert.ok(process.kill(pid, 0));
});

test("rogueRuntime() garbage sends what the host refuses, and answers after it", async (t) => {
  const rogue = await start(t, [event, report], "garbage");
  await waitFor(() => rogue.paths().includes("invocation/id-2/response"));
  const { seen } = JSON.parse(rogue.seen.at(-1)?.body ?? "") as RogueReport;
  const line = (step: string): string | undefined => seen.find((e) => e.step === step)?.line;
  assert.equal(line("two lengths"), "HTTP/1.1 400 Bad Request");
  assert.equal(line("length and chunked"), "HTTP/1.1 400 Bad Request");
  assert.ok(!line("huge headers")?.includes("200"));
});

test("rogueRuntime() contract does what the suite's events say", async (t) => {
  const events = [
    '{"do":"echo","value":[1]}',
    '{"do":"fail","type":"Odd","message":"m"}',
    '{"do":"fail","base64":"AP8="}',
    '{"do":"bytes","base64":"AP8="}',
    '{"do":"stream","pieces":["a","b"],"error":{"type":"Late","message":"m"}}',
  ];
  const rogue = await start(t, events, "contract");
  await waitFor(() => rogue.seen.length === events.length);
  assert.deepEqual(
    rogue.seen.map(({ body }) => body),
    ["[1]", '{"errorType":"Odd","errorMessage":"m","trace":[]}', "\0\u00FF", "\0\u00FF", "ab"],
  );
  assert.equal(rogue.seen[4]?.trailers["lambda-runtime-function-error-type"], "Late");
});

test("rogueRuntime() knows every mode that its type names", async (t) => {
  const rogue = await start(t, [], "no such mode" as RogueMode);
  const { stderr, code } = await rogue.output.end;
  assert.equal(code, 64);
  const known = stderr
    .slice(stderr.indexOf("there are:") + 11)
    .trim()
    .split(", ");
  const source = readFileSync(new URL("rogue-runtime.ts", import.meta.url), "utf8");
  const named = [...source.matchAll(/^ {2}\| "([\w-]+)"/gm)].map((match) => match[1]);
  assert.deepEqual(new Set(known), new Set(named));
});
