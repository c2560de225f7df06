import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CredentialProvider } from "../credentials/credentials.ts";
import { clientOf, startServer } from "./scripted-server-fixture.test.ts";

/** Signed by botocore 1.43 at noon with the keys of the tests. */
const copies: [
  service: string,
  operation: string,
  input: object,
  sent: object,
  signature: string,
][] = [
  [
    "ec2",
    "CopySnapshot",
    { SourceRegion: "us-west-2", SourceSnapshotId: "snap-1" },
    {
      Action: "CopySnapshot",
      Version: "2016-11-15",
      SourceRegion: "us-west-2",
      SourceSnapshotId: "snap-1",
      DestinationRegion: "us-east-1",
    },
    "6494553d74acbf0b45f96a8a87988fb42f84001da55526ed42f095d66cb5fb26",
  ],
  [
    "rds",
    "CopyDBSnapshot",
    {
      SourceDBSnapshotIdentifier: "arn:aws:rds:us-west-2:1:snapshot:a",
      TargetDBSnapshotIdentifier: "b",
      SourceRegion: "us-west-2",
    },
    {
      Action: "CopyDBSnapshot",
      Version: "2014-10-31",
      SourceDBSnapshotIdentifier: "arn:aws:rds:us-west-2:1:snapshot:a",
      TargetDBSnapshotIdentifier: "b",
    },
    "698d5ed93b68ef65db8f128f189b440a82df5ebe1d1000db3d75916d43608f3a",
  ],
  [
    "neptune",
    "CreateDBCluster",
    { DBClusterIdentifier: "a", Engine: "neptune", SourceRegion: "us-west-2" },
    {
      Action: "CreateDBCluster",
      Version: "2014-10-31",
      DBClusterIdentifier: "a",
      Engine: "neptune",
    },
    "124c68e44dc6c1259422ec12cf6e2221ca74ea8b535e112f7b95b60574fda7c2",
  ],
  [
    "docdb",
    "CopyDBClusterSnapshot",
    {
      SourceDBClusterSnapshotIdentifier: "a",
      TargetDBClusterSnapshotIdentifier: "b",
      SourceRegion: "us-west-2",
    },
    {
      Action: "CopyDBClusterSnapshot",
      Version: "2014-10-31",
      SourceDBClusterSnapshotIdentifier: "a",
      TargetDBClusterSnapshotIdentifier: "b",
    },
    "1e6edaea0094d771bca332133d227fff1a00f4e24017a9dc59f1dbb869bb1448",
  ],
];

const lateCredentials: CredentialProvider = () =>
  Promise.resolve({ accessKeyId: "LATE", secretAccessKey: "x" });

describe("sourceRegionRules()", () => {
  for (const [service, operation, input, sent, signature] of copies) {
    const url = service === "ec2" ? "PresignedUrl" : "PreSignedUrl";

    test(`${service} ${operation} gets the URL that botocore signs`, async (t) => {
      t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 10, 21, 12) });
      const server = await startServer(t, () => ({ status: 400 }));
      const given = { ...input };
      await clientOf(t, service, server)
        .call(operation, given)
        .catch(() => undefined);
      const fields = Object.fromEntries(new URLSearchParams(String(server.requests[0]?.body)));
      const { [url]: presigned = "", ...others } = fields;
      assert.deepEqual(others, sent);
      const { host, searchParams } = new URL(presigned);
      assert.equal(host, `${service === "ec2" ? "ec2" : "rds"}.us-west-2.amazonaws.com`);
      assert.equal(searchParams.get("DestinationRegion"), "us-east-1");
      assert.equal(searchParams.get("X-Amz-Signature"), signature);
      assert.deepEqual(given, input, "the input is not changed");
    });

    test(`${service} ${operation} leaves a URL of the caller's alone`, async (t) => {
      const server = await startServer(t, () => ({ status: 400 }));
      const given = { ...input, [url]: "https://given" };
      await clientOf(t, service, server)
        .call(operation, given)
        .catch(() => undefined);
      const fields = new URLSearchParams(String(server.requests[0]?.body));
      assert.equal(fields.get(url), "https://given");
    });
  }

  test("wait for credentials that are not at hand", async (t) => {
    const server = await startServer(t, () => ({ status: 400 }));
    const client = clientOf(t, "rds", server, { credentials: lateCredentials });
    const input = { DBClusterIdentifier: "a", Engine: "aurora", SourceRegion: "us-west-2" };
    await client.call("CreateDBCluster", input).catch(() => undefined);
    assert.match(String(server.requests[0]?.body), /PreSignedUrl=.*LATE/);
  });

  test("leave copies within a region alone", async (t) => {
    const server = await startServer(t, () => ({ status: 400 }));
    const input = { SourceDBSnapshotIdentifier: "a", TargetDBSnapshotIdentifier: "b" };
    await clientOf(t, "rds", server)
      .call("CopyDBSnapshot", input)
      .catch(() => undefined);
    assert.doesNotMatch(String(server.requests[0]?.body), /Url|Region/);
  });
});
