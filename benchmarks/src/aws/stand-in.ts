// A stand-in for AWS that takes as little time as it can: it reads heads with a search, verifies no
// signature, and writes answers that were made before. A process of its own, on HTTP and, given a
// certificate and its key, on HTTPS. Arguments: paths of both. It writes its ports as a line of JSON.
import { readFileSync } from "node:fs";
import { createServer as createPlainServer, type AddressInfo, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { StandInAnswers } from "./stand-in-answers.ts";

const headBytesMax = 65_536;
/** Above it head and body are two writes: joining them would copy the body. */
const joinedBytesMax = 32_768;
const startChars = 1_024;
const goOn = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");
const endOfHead = Buffer.from("\r\n\r\n");
const endOfChunks = "\r\n0\r\n\r\n";

const answers = new StandInAnswers();
const joined = new Map<Buffer, Buffer>();

/** One connection: requests one after another. */
function serve(socket: Socket): void {
  let pending: Buffer | undefined;
  let head = "";
  let start = "";
  let length = 0;
  let missing = 0;
  let isReading = false;
  let lastChars = "";

  function answer(): void {
    isReading = false;
    const { head: first, body } = answers.to(head, length, start);
    if (body.length > joinedBytesMax) {
      socket.cork();
      socket.write(first);
      socket.write(body);
      socket.uncork();
      return;
    }
    let whole = joined.get(first);
    if (whole === undefined) {
      whole = Buffer.concat([first, body]);
      joined.set(first, whole);
    }
    socket.write(whole);
  }

  /** Takes a head from the bytes and returns what follows it; `undefined`: it is not whole yet. */
  function takeHead(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(endOfHead);
    if (end === -1) {
      if (bytes.length > headBytesMax) socket.destroy();
      pending = bytes;
      return undefined;
    }
    head = bytes.toString("latin1", 0, end + 2);
    isReading = true;
    lastChars = "";
    if (/^expect:\s*100-continue/im.test(head)) socket.write(goOn);
    const [, digits] = /^content-length:\s*(\d+)/im.exec(head) ?? [];
    const isChunked = digits === undefined && /^transfer-encoding:\s*chunked/im.test(head);
    length = Number(digits ?? 0);
    missing = isChunked ? Infinity : length;
    start = bytes.toString("latin1", end + 4, end + 4 + startChars);
    return bytes.subarray(end + 4);
  }

  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    let bytes = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
    pending = undefined;
    for (;;) {
      if (!isReading) {
        if (bytes.length === 0) return;
        const rest = takeHead(bytes);
        if (rest === undefined) return;
        bytes = rest;
      }
      if (start === "" && missing > 0) start = bytes.toString("latin1", 0, startChars);
      if (missing === Infinity) {
        // No client sends a second request before it has the first answer: the end is the end.
        const tail = bytes.subarray(-endOfChunks.length).toString("latin1");
        lastChars = (lastChars + tail).slice(-endOfChunks.length);
        if (lastChars !== endOfChunks) return;
        missing = bytes.length;
      }
      const taken = Math.min(missing, bytes.length);
      missing -= taken;
      bytes = bytes.subarray(taken);
      if (missing > 0) return;
      answer();
    }
  });
}

const [certPath, keyPath] = process.argv.slice(2);
const plain = createPlainServer(serve).listen(0, "127.0.0.1", () => {
  if (certPath === undefined || keyPath === undefined) {
    announce();
    return;
  }
  const options = { cert: readFileSync(certPath), key: readFileSync(keyPath) };
  const secure = createTlsServer(options, serve).listen(0, "127.0.0.1", () =>
    announce((secure.address() as AddressInfo).port),
  );
});

function announce(https?: number): void {
  const { port: http } = plain.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ http, https })}\n`);
}
// Who started it has gone.
process.stdin.on("end", () => process.exit(0)).resume();
