import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { json, startServer } from "./client-fixture.test.ts";
import { Session } from "./session.ts";

const options = { region: "us-east-1", credentials: false, environment: {} } as const;

describe("Session.client()", () => {
  test("a client's endpoint wins over the session's, by either of its names", async () => {
    const [ours, theirs] = ["http://client.test", "http://session.test"];
    for (const session of [{ endpoint: theirs }, { endpointUrl: theirs }]) {
      for (const client of [{ endpoint: ours }, { endpointUrl: ours }]) {
        await using sqs = new Session({ ...options, ...session }).client("sqs", client);
        assert.equal(await sqs.meta.endpoint(), ours);
      }
      await using sqs = new Session({ ...options, ...session }).client("sqs", {
        endpoint: undefined,
        endpointUrl: undefined,
      });
      assert.equal(await sqs.meta.endpoint(), theirs);
    }
  });

  test("a client without declarations can be used by the names of its operations", async () => {
    await using server = await startServer(() =>
      json({ CertificateSummaryList: [{ CertificateArn: "arn" }] }),
    );
    const name: string = "acm";
    await using acm = server.session().client(name);
    const output = await acm.call("ListCertificates", { MaxItems: 1 });
    assert.deepEqual(output["CertificateSummaryList"], [{ CertificateArn: "arn" }]);
    assert.equal((await acm["listCertificates"]?.())?.$metadata.httpStatusCode, 200);
    const all = await acm.paginate["listCertificates"]?.({}).all();
    assert.deepEqual(all, [{ CertificateArn: "arn" }]);
    const NotFound = acm.errors["ResourceNotFoundException"];
    assert.ok(NotFound !== undefined && !(new Error("no") instanceof NotFound));
    const url = await acm.presign["listCertificates"]?.({}).catch((error: Error) => error.message);
    assert.match(url ?? "", /^Cannot presign ListCertificates/);
  });

  test("a client shows the options that it was made with, and no secrets", () => {
    const session = new Session({ ...options, profile: "p", timeout: 5, token: "secret" });
    const { config } = session.client("sqs", { timeout: 7, maxConnections: 1, key: "PEM" }).meta;
    assert.deepEqual(config, { region: "us-east-1", profile: "p", timeout: 7, maxConnections: 1 });
  });
});
