import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { placeOf } from "./place-of.ts";

const endpointUrl = "http://127.0.0.1:8080";

describe("placeOf()", () => {
  for (const [text, expected] of [
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["https://user:secret@h:1/base", "https://h:1/base"],
  ] as const) {
    test(`of '${text}' has no user and no password (INV-10)`, () => {
      assert.equal(placeOf({ endpointUrl: text, broker: undefined }), expected);
    });
  }

  for (const [uri, expected] of [
    ["amqp://localhost:5672?connection_attempts=20&heartbeat=0", "amqp://localhost:5672"],
    ["amqps://user:secret@h/vhost", "amqps://h/vhost"],
    ["amqp://user:se/cr?et@h:1", "amqp://h:1"],
    ["AMQP://user:sec@ret@h", "AMQP://h"],
  ] as const) {
    test(`of '${uri}' has no user, no password and no options (INV-10)`, () => {
      const broker = { uri, credentials: undefined, profile: "compat" } as const;
      assert.equal(placeOf({ endpointUrl, broker }), expected);
    });
  }
});
