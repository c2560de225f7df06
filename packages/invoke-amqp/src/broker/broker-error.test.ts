import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BrokerError, brokerErrorOf, placeOf, reasonOf, replyCodeOf } from "./broker-error.ts";
import { parseBrokerUri } from "./parse-broker-uri.ts";

const broker = parseBrokerUri("amqp://u:secret@[::1]:5673/v");

describe("brokerErrorOf()", () => {
  const cases: readonly (readonly [error: unknown, kind: string, message: RegExp])[] = [
    [new Error("connect ECONNREFUSED ::1:5673"), "unreachable", /ECONNREFUSED/],
    [new AggregateError([new Error("first"), new Error("second")], ""), "unreachable", /: first$/],
    [
      new Error('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "x"'),
      "refused",
      /: it refuses user 'u' or the password: Handshake terminated by server: 403/,
    ],
    [
      new Error("Expected ConnectionOpenOk; got <ConnectionClose channel:0>"),
      "refused",
      /virtual host 'v' to user 'u'/,
    ],
    [
      Object.assign(new Error("40AD:error:0A00010B\n"), {
        library: "SSL routines",
        reason: "wrong version number",
      }),
      "unreachable",
      /: TLS: wrong version number: a port without TLS needs amqp:\/\/$/,
    ],
    [
      new Error("Socket closed abruptly during opening handshake"),
      "unreachable",
      /handshake: a port with TLS needs amqps:\/\/$/,
    ],
    [
      new Error("Frame size 1345270062 exceeds maxFrameSize 67108864"),
      "unreachable",
      /: what answers there does not speak AMQP; RabbitMQ does at port 5672/,
    ],
    [
      new Error("self-signed certificate; if the root CA is installed locally"),
      "unreachable",
      /: cacertfile of the URL names/,
    ],
    [new Error("two\nlines\n"), "unreachable", /: two lines$/],
    ["thrown text", "unreachable", /thrown text/],
    [undefined, "unreachable", /undefined/],
  ];
  for (const [error, kind, message] of cases) {
    test(`calls ${reasonOf(error)} ${kind}, and names the place (AM-1, AM-21)`, () => {
      const found = brokerErrorOf(error, broker);
      assert.equal(found.kind, kind);
      assert.match(found.message, message);
      assert.ok(found.message.startsWith("Cannot connect to the broker at [::1]:5673: "));
      assert.doesNotMatch(found.message, /secret/);
    });
  }

  test("leaves an error of its own alone", () => {
    const error = new BrokerError("closed", "text");
    assert.equal(brokerErrorOf(error, broker), error);
  });
});

describe("placeOf()", () => {
  test("puts brackets around an IPv6 address only", () => {
    assert.equal(placeOf(broker), "[::1]:5673");
    assert.equal(placeOf(parseBrokerUri("amqps://h")), "h:5671");
  });
});

describe("replyCodeOf()", () => {
  for (const [error, code] of [
    [Object.assign(new Error("x"), { code: 404 }), 404],
    [Object.assign(new Error("x"), { code: "ECONNRESET" }), undefined],
    [null, undefined],
    ["404", undefined],
  ] as const) {
    test(`is ${code} for ${reasonOf(error)}`, () => {
      assert.equal(replyCodeOf(error), code);
    });
  }
});
