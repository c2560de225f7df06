import assert from "node:assert/strict";
import { test } from "node:test";
import { Addresses } from "./addresses.ts";
import { OpeningSocket, type SocketListener } from "./connect.ts";
import { TlsSettings, type Route } from "./route.ts";
import { makeAuthority, startTlsFixture } from "./tls-fixture.test.ts";
import { answering, startFixture, testOptions } from "./transport-fixture.test.ts";
import type { Origin } from "./transport.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/** A route to a name with these addresses. */
function routeOf(origin: Origin, addresses: string[]): Route {
  const found = addresses.map((address) => ({ address, family: 4 }));
  return {
    origin: { ...origin, host: "service.test" },
    isTls: origin.protocol === "https:",
    proxy: undefined,
    addresses: new Addresses("service.test", (_host, callback) => callback(null, found)),
    tls: new TlsSettings({ ...testOptions, ca: makeAuthority().ca }),
    session: undefined,
  };
}

/** Opens a socket, sends a request, and gives the first bytes of the answer, or why there are none. */
function exchangeOn(route: Route): Promise<string> {
  return new Promise((resolve) => {
    const listener: SocketListener = {
      onReady: () => opening.socket.write("GET / HTTP/1.1\r\n\r\n"),
      onBytes: (bytes, length) => {
        resolve(bytes.toString("latin1", 0, length));
        opening.close();
      },
      onDrain: () => {},
      onFinished: () => {},
      onWriteFailed: () => false,
      onLost: (cause) => {
        resolve(String((cause as { code?: string }).code));
        opening.close();
      },
    };
    const opening = new OpeningSocket(route, listener);
    opening.start();
  });
}

for (const protocol of ["http:", "https:"] as const) {
  test(`OpeningSocket tries the next address when one refuses (${protocol}) (CL-1)`, async (t) => {
    const start = protocol === "http:" ? startFixture : startTlsFixture;
    const fixture = await start(answering(ok));
    t.after(() => fixture.close());
    const route = routeOf(fixture.origin, ["127.0.0.99", "127.0.0.98", "127.0.0.1"]);
    // Each time another address comes first.
    for (let i = 0; i < 3; i++) assert.equal(await exchangeOn(route), ok);
  });
}

test("OpeningSocket says why when no address answers (CL-1)", async () => {
  const fixture = await startFixture(() => {});
  await fixture.close();
  const route = routeOf(fixture.origin, ["127.0.0.99", "127.0.0.1"]);
  assert.equal(await exchangeOn(route), "ECONNREFUSED");
});
