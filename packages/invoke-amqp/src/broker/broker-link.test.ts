import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { type Broker, startBroker, unusedPort } from "@lambdad/testkit";
import { uniqueName } from "../testdata/broker-fixture.ts";
import { BrokerLink } from "./broker-link.ts";
import { parseBrokerUri } from "./parse-broker-uri.ts";

const run = promisify(execFile);

let broker: Broker;
let tlsPort: number;
let folder: string;

/** A certificate of an own authority, made anew each time: nothing secret is kept with the sources. */
async function makeCertificate(name: string, extension: string): Promise<void> {
  const path = (end: string): string => join(folder, `${name}.${end}`);
  const subject = ["-subj", `/CN=${name}`, "-nodes", "-newkey", "rsa:2048"];
  await run("openssl", ["req", ...subject, "-keyout", path("key"), "-out", path("csr")]);
  writeFileSync(path("ext"), extension);
  const authority = ["-CA", join(folder, "ca.pem"), "-CAkey", join(folder, "ca.key")];
  const files = ["-in", path("csr"), "-out", path("pem"), "-extfile", path("ext")];
  await run("openssl", ["x509", "-req", "-days", "2", "-CAcreateserial", ...authority, ...files]);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "lambdad-tls-"));
  tlsPort = await unusedPort();
  const authority = ["-keyout", join(folder, "ca.key"), "-out", join(folder, "ca.pem")];
  const subject = ["-subj", "/CN=authority", "-nodes", "-newkey", "rsa:2048", "-days", "2"];
  await run("openssl", ["req", "-x509", ...subject, ...authority]);
  await makeCertificate("broker.test", "subjectAltName=DNS:broker.test\n");
  await makeCertificate("guest", "extendedKeyUsage=clientAuth\n");
  broker = await startBroker({
    plugins: ["rabbitmq_auth_mechanism_ssl"],
    configuration: [
      `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
      `ssl_options.cacertfile = ${join(folder, "ca.pem")}`,
      `ssl_options.certfile = ${join(folder, "broker.test.pem")}`,
      `ssl_options.keyfile = ${join(folder, "broker.test.key")}`,
      "ssl_options.verify = verify_peer",
      "ssl_options.fail_if_no_peer_cert = true",
      "ssl_cert_login_from = common_name",
      "auth_mechanisms.1 = PLAIN",
      "auth_mechanisms.2 = AMQPLAIN",
      "auth_mechanisms.3 = EXTERNAL",
    ],
  });
});
after(async () => {
  await broker.stop();
  rmSync(folder, { recursive: true });
});

async function open(t: TestContext, uri: string, name = uniqueName("link")): Promise<BrokerLink> {
  const listeners = { onLost: () => undefined, onBlocked: () => undefined };
  const link = await BrokerLink.open(parseBrokerUri(uri), {
    name,
    signal: new AbortController().signal,
    ...listeners,
  });
  t.after(() => link.close());
  return link;
}

/** What the broker knows of the connection of this name. */
async function facts(name: string, items: string): Promise<unknown> {
  return await broker.evaluate(`[Facts || Pid <- rabbit_networking:connections(),
    [{_, Properties} | Facts] <- [rabbit_networking:connection_info(Pid, [client_properties, ${items}])],
    {<<"connection_name">>, _, Name} <- Properties, Name =:= <<"${name}">>]`);
}

describe("BrokerLink.open(), options of the URL (§2)", () => {
  const cases: readonly (readonly [query: string, item: string, value: unknown])[] = [
    ["", "timeout", 10],
    ["?heartbeat=0", "timeout", 0],
    ["?heartbeat=7", "timeout", 7],
    ["", "frame_max", 131_072],
    ["?frame_max=8192", "frame_max", 8_192],
    ["?channel_max=9", "channel_max", 9],
    ["?auth_mechanism=amqplain", "auth_mechanism", "AMQPLAIN"],
    ["", "auth_mechanism", "PLAIN"],
    ["/%2f", "vhost", "/"],
    ["", "user", "guest"],
  ];
  for (const [query, item, value] of cases) {
    test(`agrees with the broker on ${item} ${String(value)} for '${query}'`, async (t) => {
      const name = uniqueName("link");
      await open(t, `${broker.uri}${query}`, name);
      assert.deepEqual(await facts(name, item), [{ [item]: value }]);
    });
  }

  test("carries messages of any size in the smallest frames (AM-17)", async (t) => {
    const link = await open(t, `${broker.uri}?frame_max=8192`);
    const channel = await link.openConfirmChannel();
    const { queue } = await channel.assertQueue("", { exclusive: true });
    const body = Buffer.alloc(100_000, "abc");
    // The broker cuts bodies into frames, but not headers.
    channel.sendToQueue(queue, body, { headers: { long: "x".repeat(7_000) } });
    await channel.waitForConfirms();
    const message = await channel.get(queue, { noAck: true });
    assert.ok(message !== false && message.content.equals(body));
  });
});

/** A path of the folder as it stands in a URL. */
function file(name: string): string {
  return encodeURIComponent(join(folder, name));
}

/** Trusts the broker. */
function trusted(): string {
  return `cacertfile=${file("ca.pem")}&server_name_indication=broker.test`;
}

/** Shows the certificate of the user `guest`. */
function ours(): string {
  return `certfile=${file("guest.pem")}&keyfile=${file("guest.key")}`;
}

describe("BrokerLink.open(), TLS (§2)", () => {
  test("uses the certificates of the URL", async (t) => {
    const name = uniqueName("link");
    await open(t, `amqps://guest:guest@127.0.0.1:${tlsPort}?${trusted()}&${ours()}`, name);
    assert.deepEqual(await facts(name, "ssl"), [{ ssl: true }]);
  });

  test("is who the certificate says with auth_mechanism=external", async (t) => {
    const name = uniqueName("link");
    const uri = `amqps://nobody:wrong@127.0.0.1:${tlsPort}?${trusted()}&${ours()}&auth_mechanism=external`;
    await open(t, uri, name);
    assert.deepEqual(await facts(name, "user"), [{ user: "guest" }]);
  });

  const refusals: readonly (readonly [what: string, query: () => string, reason: RegExp])[] = [
    ["a broker whose authority is not trusted", ours, /certificate/i],
    [
      "a broker of another name",
      () => `cacertfile=${file("ca.pem")}&server_name_indication=other.test&${ours()}`,
      /altnames|other\.test/i,
    ],
    [
      "a file that is missing",
      () => `${trusted()}&certfile=%2Fmissing.pem&keyfile=%2Fmissing.key`,
      /missing\.pem/,
    ],
  ];
  for (const [what, query, reason] of refusals) {
    test(`fails for ${what}, and says why`, async (t) => {
      const uri = `amqps://guest:secret@127.0.0.1:${tlsPort}?${query()}`;
      await assert.rejects(open(t, uri), (error: Error) => {
        assert.equal(error.name, "BrokerError");
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    });
  }
});
