import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import type { ConnectionError } from "../client/errors.ts";
import { HttpTransport } from "./http-transport.ts";
import { makeAuthority, startTlsFixture } from "./tls-fixture.test.ts";
import {
  newRequest,
  Recorder,
  startFixture,
  testOptions,
  type Outcome,
} from "./transport-fixture.test.ts";
import type { HttpRequest } from "./transport.ts";

const answer = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno";
const size = 16 * 1024 * 1024;

const bodies: Record<string, () => HttpRequest["body"]> = {
  bytes: () => new Uint8Array(size),
  "few bytes": () => new Uint8Array(200_000),
  "a stream": () => ({
    length: size,
    async *open() {
      for (let sent = 0; sent < size; sent += 65_536) yield new Uint8Array(65_536);
    },
  }),
  "a stream in chunks": () => ({
    length: undefined,
    async *open() {
      for (let sent = 0; sent < size; sent += 65_536) yield new Uint8Array(65_536);
    },
  }),
};

/** What a server does after the first bytes of a request. */
const ends: Record<string, (socket: Socket) => void> = {
  "closes at once": (socket) => {
    socket.write(answer, () => socket.destroy());
  },
  "resets at once": (socket) => {
    socket.write(answer, () => socket.resetAndDestroy());
  },
  "closes later": (socket) => {
    socket.write(answer);
    setTimeout(() => socket.destroy(), 5);
  },
};

function closeOnly(socket: Socket): void {
  socket.destroy();
}

function cutAnswer(socket: Socket): void {
  socket.write(answer.slice(0, -1), () => socket.destroy());
}

/** Stops reading after the first bytes, and does `then`. */
function onceAsked(then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.once("data", () => {
      socket.pause();
      then(socket);
    });
  };
}

async function sendOver(
  protocol: string,
  onSocket: (socket: Socket) => void,
  newBody: () => HttpRequest["body"],
): Promise<Outcome> {
  const start = protocol === "http:" ? startFixture : startTlsFixture;
  const fixture = await start(onSocket);
  const transport = new HttpTransport({ ...testOptions, ca: makeAuthority().ca });
  const recorder = new Recorder();
  transport.send(fixture.origin, newRequest({ method: "PUT", body: newBody() }), recorder);
  const outcome = await recorder.ended;
  assert.equal(transport.counts(fixture.origin).open, 0);
  await fixture.close();
  return outcome;
}

for (const protocol of ["http:", "https:"]) {
  for (const [kind, newBody] of Object.entries(bodies)) {
    for (const [way, end] of Object.entries(ends)) {
      // A reset may overtake what TLS has still to send.
      if (protocol === "https:" && way === "resets at once") continue;
      test(`send() of ${kind} (${protocol}) delivers the answer of a server that refuses it and ${way}`, async () => {
        const outcome = await sendOver(protocol, onceAsked(end), newBody);
        assert.equal(outcome.error, undefined);
        assert.equal(outcome.status, 403);
        assert.equal(outcome.body, "no");
      });
    }

    test(`send() of ${kind} (${protocol}) fails when the server closes without an answer (CL-1)`, async () => {
      const { error, progress } = await sendOver(protocol, onceAsked(closeOnly), newBody);
      assert.match((error as ConnectionError).code, /^(?:EPIPE|ECONNRESET)$/);
      const bodyStarted = kind.startsWith("a stream");
      assert.deepEqual(progress, { reused: false, answered: false, bodyStarted });
    });

    test(`send() of ${kind} (${protocol}) fails when the server closes inside of its answer (CL-8)`, async () => {
      const { error } = await sendOver(protocol, onceAsked(cutAnswer), newBody);
      assert.match((error as ConnectionError).code, /^(?:EPIPE|ECONNRESET)$/);
    });
  }
}
