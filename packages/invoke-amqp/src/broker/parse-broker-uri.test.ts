import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { BrokerUri } from "./broker-uri.ts";
import { BrokerUriError } from "./broker-uri-error.ts";
import { defaultBrokerUri, parseBrokerUri } from "./parse-broker-uri.ts";

const defaults: BrokerUri = {
  host: "localhost",
  port: 5672,
  tls: false,
  vhost: "/",
  username: "guest",
  password: "guest",
  authMechanism: "plain",
  connectionAttempts: 1,
  retryDelayMs: 2_000,
  heartbeatSeconds: 10,
  connectTimeoutMs: 10_000,
  blockedTimeoutMs: 5_000,
  channelMax: undefined,
  frameMax: 131_072,
  locale: undefined,
  tlsFiles: {
    caPath: undefined,
    certPath: undefined,
    keyPath: undefined,
    serverName: undefined,
  },
  warnings: [],
};

const forms: readonly (readonly [text: string, Partial<BrokerUri>])[] = [
  ["amqp://", {}],
  ["amqp://localhost", {}],
  [" amqp://localhost\n", {}],
  ["AMQP://localhost:5672", {}],
  ["amqp://localhost:", {}],
  ["amqp:///v", { vhost: "v" }],
  ["amqp://broker.example:1", { host: "broker.example", port: 1 }],
  ["amqp://my_broker:65535", { host: "my_broker", port: 65_535 }],
  ["amqp://[::1]", { host: "::1" }],
  ["amqp://[fe80::1%25eth0]:5673/v", { host: "fe80::1%eth0", port: 5673, vhost: "v" }],
  ["amqp://u:p@[::1]:5673", { host: "::1", port: 5673, username: "u", password: "p" }],
  ["amqps://h", { host: "h", port: 5671, tls: true }],
  ["amqps://h:5672", { host: "h", tls: true }],
  ["amqp://h/", { host: "h" }],
  ["amqp://h/%2f", { host: "h" }],
  ["amqp://h/%2F", { host: "h" }],
  ["amqp://h//", { host: "h" }],
  ["amqp://h/a%2Fb%20c", { host: "h", vhost: "a/b c" }],
  ["amqp://h/..?heartbeat=1", { host: "h", vhost: "..", heartbeatSeconds: 1 }],
  ["amqp://h/a%40b", { host: "h", vhost: "a@b" }],
  ["amqp://u@h", { host: "h", username: "u" }],
  ["amqp://u:@h", { host: "h", username: "u", password: "" }],
  ["amqp://u:p%40%2F%3A@h", { host: "h", username: "u", password: "p@/:" }],
  ["amqp://u:p@ss:w@h", { host: "h", username: "u", password: "p@ss:w" }],
  ["amqp://h?connection_attempts=20", { host: "h", connectionAttempts: 20 }],
  ["amqp://h?connection_attempts=2.9", { host: "h", connectionAttempts: 2 }],
  ["amqp://h?connection_attempts=1e1", { host: "h", connectionAttempts: 10 }],
  ["amqp://h?connection_attempts=+3", { host: "h", connectionAttempts: 3 }],
  ["amqp://h?retry_delay=0.25", { host: "h", retryDelayMs: 250 }],
  ["amqp://h?retry_delay=0", { host: "h", retryDelayMs: 0 }],
  ["amqp://h?heartbeat=0", { host: "h", heartbeatSeconds: 0 }],
  ["amqp://h?heartbeat=65535", { host: "h", heartbeatSeconds: 65_535 }],
  ["amqp://h?connection_timeout=1500", { host: "h", connectTimeoutMs: 1_500 }],
  ["amqp://h?connection_timeout=0", { host: "h" }],
  ["amqp://h?socket_timeout=1.5", { host: "h", connectTimeoutMs: 1_500 }],
  ["amqp://h?stack_timeout=2", { host: "h", connectTimeoutMs: 2_000 }],
  ["amqp://h?socket_timeout=1&stack_timeout=2", { host: "h", connectTimeoutMs: 2_000 }],
  ["amqp://h?stack_timeout=2&connection_timeout=7", { host: "h", connectTimeoutMs: 7 }],
  ["amqp://h?blocked_connection_timeout=0.5", { host: "h", blockedTimeoutMs: 500 }],
  ["amqp://h?channel_max=8", { host: "h", channelMax: 8 }],
  ["amqp://h?channel_max=0", { host: "h" }],
  ["amqp://h?frame_max=8192", { host: "h", frameMax: 8_192 }],
  ["amqp://h?locale=en_GB", { host: "h", locale: "en_GB" }],
  ["amqp://h?locale=", { host: "h" }],
  ["amqp://h?auth_mechanism=EXTERNAL", { host: "h", authMechanism: "external" }],
  [
    "amqp://h?auth_mechanism=amqplain&auth_mechanism=plain",
    { host: "h", authMechanism: "amqplain" },
  ],
  [
    "amqps://h?cacertfile=/a%20b/ca.pem&certfile=/c.pem&keyfile=/k.pem&server_name_indication=n",
    {
      host: "h",
      port: 5671,
      tls: true,
      tlsFiles: { caPath: "/a b/ca.pem", certPath: "/c.pem", keyPath: "/k.pem", serverName: "n" },
    },
  ],
  [defaultBrokerUri, { connectionAttempts: 20, retryDelayMs: 10_000, heartbeatSeconds: 0 }],
];

const warnings: readonly (readonly [query: string, readonly string[]])[] = [
  ["verify=verify_none&verify=x&depth=2", ["verify", "depth", "verify"]],
  [
    "client_properties={}&ssl_options={}&tcp_options={}",
    ["client_properties", "ssl_options", "tcp_options"],
  ],
  ["heartbeat=3&heartbeat=4&heartbeat=x", ["heartbeat"]],
  ["cacertfile=/ca.pem", ["cacertfile"]],
  ["__proto__=1&constructor=2", ["__proto__", "constructor"]],
  ["Heartbeat=x", ["Heartbeat"]],
];

const mistakes: readonly (readonly [text: string, key: string, message: RegExp])[] = [
  ["", "scheme", /must be amqp:\/\/ or amqps:\/\//],
  ["localhost:5672", "scheme", /must be amqp/],
  ["http://h", "scheme", /must be amqp/],
  ["amqp:/h", "scheme", /must be amqp/],
  ["amqp://h h", "text", /%20 and %23/],
  ["amqp://u:p#q@h", "text", /%20 and %23/],
  ["amqp://u:p/q@h", "text", /%40, %2F and %3F/],
  ["amqp://u:p?q@h", "text", /%40, %2F and %3F/],
  ["amqp://h!", "host", /current value is 'h!'/],
  ["amqp://::1", "port", /from 1 to 65535/],
  ["amqp://[::1", "host", /current value is '\[::1'|current value is '\['/],
  ["amqp://[h]", "host", /current value is '\[h\]'/],
  ["amqp://h:0", "port", /from 1 to 65535: current value is '0'/],
  ["amqp://h:65536", "port", /current value is '65536'/],
  ["amqp://user:secret", "port", /not shown/],
  ["amqp://h/%zz", "vhost", /current value is '%zz'/],
  [`amqp://h/${"é".repeat(128)}`, "vhost", /at most 255 bytes/],
  ["amqp://u%:p@h", "user", /'%' is written as %25/],
  ["amqp://u:p%@h", "user", /'%' is written as %25/],
  ["amqp://:p@h", "user", /must have a name/],
  ["amqp://u:p%00@h", "user", /%00/],
  ["amqp://h?connection_attempts=0", "connection_attempts", /a number from 1 .*'0'/],
  ["amqp://h?connection_attempts=0.9", "connection_attempts", /'0\.9'/],
  ["amqp://h?connection_attempts=many", "connection_attempts", /'many'/],
  ["amqp://h?connection_attempts=", "connection_attempts", /''/],
  ["amqp://h?connection_attempts=Infinity", "connection_attempts", /'Infinity'/],
  ["amqp://h?connection_attempts=1e999", "connection_attempts", /'1e999'/],
  ["amqp://h?retry_delay=-1", "retry_delay", /a number of seconds from 0 to 2147483.*'-1'/],
  ["amqp://h?retry_delay=2147484", "retry_delay", /'2147484'/],
  ["amqp://h?heartbeat=1.5", "heartbeat", /an integer from 0 to 65535: current value is '1\.5'/],
  ["amqp://h?heartbeat=65536", "heartbeat", /'65536'/],
  ["amqp://h?heartbeat=0x10", "heartbeat", /'0x10'/],
  ["amqp://h?connection_timeout=1.5", "connection_timeout", /an integer/],
  ["amqp://h?socket_timeout=0", "socket_timeout", /from 0\.001/],
  ["amqp://h?stack_timeout=never", "stack_timeout", /'never'/],
  ["amqp://h?blocked_connection_timeout=x", "blocked_connection_timeout", /'x'/],
  ["amqp://h?channel_max=65536", "channel_max", /'65536'/],
  ["amqp://h?frame_max=4096", "frame_max", /from 8192 to 4294967295: current value is '4096'/],
  ["amqp://h?frame_max=4294967296", "frame_max", /'4294967296'/],
  [`amqp://h?locale=${"x".repeat(256)}`, "locale", /at most 255 bytes/],
  ["amqp://h?auth_mechanism=gssapi", "auth_mechanism", /plain, amqplain or external.*'gssapi'/],
];

describe("parseBrokerUri()", () => {
  for (const [text, expected] of forms) {
    test(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseBrokerUri(text), { ...defaults, ...expected });
    });
  }

  for (const [query, keys] of warnings) {
    test(`ignores what is unknown or repeated, with one warning each: ${query}`, () => {
      const found = parseBrokerUri(`amqp://h?${query}`).warnings;
      assert.equal(found.length, keys.length);
      for (const [index, key] of keys.entries()) {
        assert.match(found[index]!, new RegExp(`'${key}'`));
      }
    });
  }

  test("takes the first value of a repeated key", () => {
    assert.equal(parseBrokerUri("amqp://h?heartbeat=3&heartbeat=4").heartbeatSeconds, 3);
  });

  for (const [text, key, message] of mistakes) {
    test(`refuses ${JSON.stringify(text.slice(0, 60))} and names ${key}`, () => {
      assert.throws(
        () => parseBrokerUri(text),
        (error: unknown) => {
          assert.ok(error instanceof BrokerUriError);
          assert.equal(error.key, key);
          assert.match(error.message, message);
          assert.ok(error.message.startsWith(`Cannot use the broker URL: ${key} `));
          return true;
        },
      );
    });
  }

  test("uses credentials only when the URL has no user part", () => {
    const credentials = { username: "a", password: "b" };
    const without = parseBrokerUri("amqp://h", credentials);
    const within = parseBrokerUri("amqp://u:p@h", credentials);
    assert.deepEqual([without.username, without.password], ["a", "b"]);
    assert.deepEqual([within.username, within.password], ["u", "p"]);
  });

  const part = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((text) => !text.includes("\0"));
  const uri = fc.record({
    tls: fc.boolean(),
    host: fc.domain(),
    port: fc.integer({ min: 1, max: 65_535 }),
    vhost: part,
    username: part,
    password: part,
    heartbeatSeconds: fc.integer({ min: 0, max: 65_535 }),
    connectionAttempts: fc.integer({ min: 1, max: 1_000_000 }),
  });

  test("reads what was put into a URL, whatever the characters", () => {
    fc.assert(
      fc.property(uri, (facts) => {
        const text =
          `${facts.tls ? "amqps" : "amqp"}://${encodeURIComponent(facts.username)}:` +
          `${encodeURIComponent(facts.password)}@${facts.host}:${facts.port}/` +
          `${encodeURIComponent(facts.vhost)}?heartbeat=${facts.heartbeatSeconds}` +
          `&connection_attempts=${facts.connectionAttempts}`;
        assert.deepEqual(parseBrokerUri(text), { ...defaults, ...facts });
      }),
    );
  });

  test("throws nothing but BrokerUriError", () => {
    const tail = fc.string({
      unit: fc.constantFrom(...Array.from("amqp:/@?&=#%[]0125 .é\uD800_heartbeat")),
    });
    fc.assert(
      fc.property(
        fc.constantFrom("", "amqp://", "amqps://h?", "amqp://u:p@"),
        tail,
        (head, text) => {
          try {
            parseBrokerUri(head + text);
          } catch (error) {
            assert.ok(error instanceof BrokerUriError, String(error));
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("never puts a password into an error or a warning (INV-10)", () => {
    const piece = fc.constantFrom(
      "/",
      "?",
      "#",
      "@",
      ":",
      "%",
      "[",
      "!",
      " ",
      "&",
      "1",
      "?heartbeat=",
    );
    const secret = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join("SECRET"));
    const rest = fc.constantFrom("h", "h!", "h:x", "h?heartbeat=x", "h/%z", "", "h?SSL=1");
    fc.assert(
      fc.property(secret, rest, (password, end) => {
        let said: string;
        try {
          said = parseBrokerUri(`amqp://u:SECRET${password}SECRET@${end}`).warnings.join(" ");
        } catch (error) {
          said = String(error);
        }
        assert.doesNotMatch(said, /SECRET/);
      }),
      { numRuns: 2_000 },
    );
  });
});
