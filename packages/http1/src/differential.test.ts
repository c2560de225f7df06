import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { Duplex } from "node:stream";
import { describe, test } from "node:test";
import { connect, latin1, recordingHandler, type SeenRequest } from "./memory-socket.test.ts";
import { REQUEST_CORPUS } from "./request-corpus.test.ts";
import { generateStream, seededRandom } from "./request-generator.test.ts";

/** What a server made of a stream: its complete requests, and why it refused the rest, if it did. */
interface Verdict {
  readonly requests: readonly string[];
  readonly refusal: string | undefined;
}

/** What we refuse and `node:http` accepts: spec/reliability.md §12.3, and what is stricter still. */
const STRICTER: readonly RegExp[] = [
  // §12.3.
  /^400 Two Host headers$/,
  /^400 Request line without a version$/,
  /^501 Unknown transfer coding$/,
  /^400 The authority of the target is not the one of Host$/,
  /^413 GET with a large body$/,
  // The same limit, of which node:http does not count every octet.
  /^431 Head above 16384 bytes$/,
  /^405 CONNECT is not served$/,
  // Ours: octets outside the grammar that llhttp lets pass.
  /^400 Octet 10 in a line$/,
  /^400 CR without LF$/,
  /^400 Malformed request line$/,
  /^400 Malformed request target$/,
  /^400 Malformed HTTP version$/,
  /^400 Unsupported HTTP version$/,
  /^400 Malformed Transfer-Encoding$/,
  /^417 Unknown expectation$/,
  /^400 Two Transfer-Encoding headers$/,
  /^400 Transfer-Encoding in HTTP\/1.0$/,
  /^400 The last transfer coding is not chunked$/,
  /^400 Malformed Content-Length$/,
  /^400 Malformed chunk extension$/,
  /^400 Overlong chunk size$/,
];

/** Turns of the event loop after which a stream that is not done never will be. */
const TURNS_MAX = 10_000;

/** The oracle. Connections are streams in memory, so that a case ends when its input does. */
class NodeHttp {
  #requests: string[] = [];
  #refusal: string | undefined;
  readonly #server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("error", () => {});
    request.on("end", () => {
      const body = latin1(Buffer.concat(pieces));
      this.#requests.push(`${request.method} ${originForm(request.url ?? "")} ${body}`);
      response.end();
    });
  });

  constructor() {
    // The end of the input is not the end of the answers.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      // Input behind `Connection: close`: thrown away by us, and by both never served.
      if (error.code !== "HPE_CLOSED_CONNECTION") this.#refusal ??= error.code ?? error.message;
      destroyLater(socket);
    });
    this.#server.on("connect", (_request, socket) => {
      this.#refusal ??= "CONNECT";
      destroyLater(socket);
    });
  }

  async read(stream: string): Promise<Verdict> {
    this.#requests = [];
    this.#refusal = undefined;
    let output = "";
    const socket = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        output += latin1(chunk);
        done();
      },
    });
    this.#server.emit("connection", socket);
    socket.push(Buffer.from(stream, "latin1"));
    socket.push(null);
    for (let turn = 0; !socket.closed; turn += 1) {
      assert.ok(turn < TURNS_MAX, `node:http does not end: ${JSON.stringify(stream)}`);
      await new Promise(setImmediate);
    }
    // It answers some refusals by itself, without an error.
    const status = /HTTP\/1\.1 (4\d\d) /.exec(output)?.[1];
    return { requests: this.#requests, refusal: this.#refusal ?? status };
  }
}

/** Not before the complete requests in front of a refused one have reached their end. */
function destroyLater(socket: Duplex): void {
  setImmediate(() => setImmediate(() => socket.destroy()));
}

function ours(stream: string): Verdict {
  const seen: SeenRequest[] = [];
  const { socket, rejects } = connect(recordingHandler(seen));
  socket.feed(stream);
  socket.finish();
  const requests = seen
    .filter(({ outcome }) => outcome === "complete")
    .map(({ method, target, body }) => `${method} ${target} ${body}`);
  return { requests, refusal: rejects[0] };
}

/** As we hand it over: no authority, and no mark before an empty query. */
function originForm(target: string): string {
  const local = target.replace(/^[a-z]+:\/\/[^/?]*/i, "");
  return (local.startsWith("/") || local === "*" ? local : `/${local}`).replace(
    /^([^?]*)\?$/,
    "$1",
  );
}

/**
 * Not compared: at a request with `Upgrade` node:http loses the rest of the same piece of input, body
 * included, although it serves the request and what comes in later pieces. We ignore the header (HT-16).
 */
const UPGRADE = /connection:[^\r\n]*upgrade/i;

/** node:http keeps such a connection, and reads what comes behind; we do not (HT-16). */
const KEPT_HTTP_1_0 = /HTTP\/1\.0\r\n.*keep-alive/is;

function compare(stream: string, node: Verdict, we: Verdict): void {
  const text = JSON.stringify({ stream, node, we }, undefined, 1);
  const common = Math.min(node.requests.length, we.requests.length);
  assert.deepEqual(we.requests.slice(0, common), node.requests.slice(0, common), text);
  if (KEPT_HTTP_1_0.test(stream)) return;
  if (we.refusal === undefined) {
    assert.equal(node.refusal, undefined, `node:http refuses what we accept: ${text}`);
    assert.deepEqual(we.requests, node.requests, text);
  } else if (node.refusal === undefined) {
    const { refusal } = we;
    assert.ok(
      STRICTER.some((reason) => reason.test(refusal)),
      `not in the list: ${text}`,
    );
  }
  assert.ok(we.requests.length <= node.requests.length, `more requests than node:http: ${text}`);
}

describe("Http1Connection and node:http", () => {
  const node = new NodeHttp();

  for (const { name, input } of REQUEST_CORPUS) {
    if (UPGRADE.test(input)) continue;
    test(`12.3: agree on the corpus: ${name}`, async () => {
      compare(input, await node.read(input), ours(input));
    });
  }

  const seed = Number(process.env["HTTP1_FUZZ_SEED"] ?? 1);
  const cases = Number(process.env["HTTP1_FUZZ_CASES"] ?? 600);
  test(`12.3: agree on ${cases} generated streams (HTTP1_FUZZ_CASES) of seed ${seed} (HTTP1_FUZZ_SEED)`, async () => {
    const random = seededRandom(seed);
    let accepted = 0;
    for (let i = 0; i < cases; i += 1) {
      const stream = generateStream(random);
      const verdict = ours(stream);
      if (UPGRADE.test(stream)) continue;
      if (verdict.refusal === undefined) accepted += 1;
      compare(stream, await node.read(stream), verdict);
    }
    // Otherwise nothing would have been compared but refusals.
    assert.ok(accepted > cases / 20, `${accepted} of ${cases} were accepted`);
  });
});
