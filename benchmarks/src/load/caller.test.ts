import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { after, test } from "node:test";
import { Caller } from "./caller.ts";
import { EchoRequests } from "./echo-request.ts";

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

type Answer = (event: string, response: ServerResponse, request: IncomingMessage) => void;

/** Calls a server twice and returns what was wrong with each answer. */
async function failuresOf(answer: Answer, payloadBytes: number): Promise<(string | undefined)[]> {
  const server = createServer((request, response) => {
    let event = "";
    request.on("data", (chunk: Buffer) => (event += chunk.toString("latin1")));
    request.on("end", () => answer(event, response, request));
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address !== "string");
  const failures: (string | undefined)[] = [];
  const over = Promise.withResolvers<void>();
  const caller = new Caller(address.port, new EchoRequests(address.port, payloadBytes), {
    done(self, _milliseconds, failure) {
      failures.push(failure);
      if (failures.length === 2) over.resolve();
      else self.send();
    },
  });
  caller.send();
  await over.promise;
  caller.close();
  return failures;
}

const right: Record<string, Answer> = {
  "with a length": (event, response) => {
    response.setHeader("Content-Length", event.length);
    response.end(event);
  },
  "in chunks": (event, response) => {
    response.write(event.slice(0, 30));
    response.end(event.slice(30));
  },
  "before it closes the connection": (event, response) => {
    response.setHeader("Connection", "close");
    response.end(event);
  },
};
for (const payloadBytes of [100, 1_048_576]) {
  for (const [name, answer] of Object.entries(right)) {
    test(`Caller takes the event of ${payloadBytes} bytes ${name} as the right answer`, async () => {
      assert.deepEqual(await failuresOf(answer, payloadBytes), [undefined, undefined]);
    });
  }
}

let previous = "";
const wrong: Record<string, readonly [Answer, RegExp]> = {
  "another call's event": [
    (event, response) => {
      response.end(previous === "" ? event.replace("1", "2") : previous);
      previous = event;
    },
    /a body that is not the event: \{"n":/,
  ],
  "a changed last byte": [
    (event, response) => response.end(`${event.slice(0, -1)}]`),
    /a body that is not the event/,
  ],
  "a byte less": [(event, response) => response.end(event.slice(0, -1)), /bytes of 5000/],
  "a byte more": [(event, response) => response.end(`${event} `), /a body that is not the event/],
  "a status that is not 200": [
    (_event, response) => {
      response.statusCode = 429;
      response.end('{"Reason":"x"}');
    },
    /^HTTP\/1\.1 429 Too Many Requests: \{"Reason":"x"\}$/,
  ],
  "a connection that breaks": [
    (event, response, request) => {
      response.setHeader("Content-Length", event.length);
      response.write(event.slice(0, 50));
      request.socket.destroy();
    },
    /the connection was closed|ECONNRESET/,
  ],
};
for (const [name, [answer, expected]] of Object.entries(wrong)) {
  test(`Caller takes ${name} as a failure`, async () => {
    for (const failure of await failuresOf(answer, 5_000)) assert.match(failure ?? "", expected);
  });
}
