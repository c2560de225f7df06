import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { brokerAnswers } from "./broker-probe.ts";
import { unusedPort } from "./telemetry-sink.ts";

/** A listener that says `pieces` one after the other, one for each piece that it receives. */
async function listen(t: TestContext, pieces: readonly Buffer[]): Promise<string> {
  const server = createServer((socket) => {
    let next = 0;
    socket.on("error", () => {});
    socket.on("data", () => socket.write(pieces[next++] ?? Buffer.alloc(0)));
    t.after(() => socket.destroy());
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  return `amqp://127.0.0.1:${port}`;
}

function method(classId: number, methodId: number): Buffer {
  return Buffer.from([1, 0, 0, 0, 0, 0, 4, 0, classId, 0, methodId, 0xce]);
}

describe("brokerAnswers()", () => {
  test("is true when the broker goes on to tune after the login", async (t) => {
    const uri = await listen(t, [method(10, 10), method(10, 30)]);
    assert.equal(await brokerAnswers(uri), true);
  });

  const refusals: readonly (readonly [string, readonly Buffer[]])[] = [
    ["the login is refused", [method(10, 10), method(10, 50)]],
    ["it is another protocol", [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")]],
    ["nothing is said", []],
  ];
  for (const [name, pieces] of refusals) {
    test(`is false when ${name}`, async (t) => {
      const uri = await listen(t, pieces);
      assert.equal(await brokerAnswers(uri, { timeoutMs: 200 }), false);
    });
  }

  for (const uri of ["not a URI", "amqps://localhost", "http://localhost"]) {
    test(`is false for '${uri}'`, async () => {
      assert.equal(await brokerAnswers(uri), false);
    });
  }

  test("is false when nobody listens", async () => {
    assert.equal(await brokerAnswers(`amqp://127.0.0.1:${await unusedPort()}`), false);
  });
});
