import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answers, keys, quiet, response, startServer } from "./client-fixture.test.ts";
import { Session } from "./session.ts";

const object = { Bucket: "bucket", Key: "a b/é" };

describe("presigned URLs", { timeout: 30_000 }, () => {
  it("are made without a request, from the client's credentials and region", async () => {
    let sent = 0;
    const transport = answers(() => sent++);
    await using s3 = new Session({ ...quiet, transport }).client("s3");
    const url = new URL(await s3.presign.getObject(object, { expiresIn: 60 }));
    assert.equal(url.origin, "https://bucket.s3.us-east-1.amazonaws.com");
    assert.equal(url.pathname, "/a%20b/%C3%A9");
    assert.equal(url.searchParams.get("X-Amz-Expires"), "60");
    assert.match(
      url.searchParams.get("X-Amz-Credential") ?? "",
      /^AKIDEXAMPLE\/\d{8}\/us-east-1\/s3\/aws4_request$/,
    );
    assert.equal(url.searchParams.get("X-Amz-SignedHeaders"), "host");
    assert.match(url.search, /&X-Amz-Signature=[\da-f]{64}$/);
    assert.ok(!url.search.toLowerCase().includes("checksum"));
    assert.equal(sent, 0);
  });

  it("take the call's region and credentials", async () => {
    await using s3 = new Session(quiet).client("s3");
    const credentials = { ...keys, accessKeyId: "AKIDOTHER", sessionToken: "a/b+c" };
    const url = new URL(await s3.presign.getObject(object, { region: "eu-west-1", credentials }));
    assert.match(url.searchParams.get("X-Amz-Credential") ?? "", /^AKIDOTHER\/\d+\/eu-west-1\//);
    assert.equal(url.searchParams.get("X-Amz-Security-Token"), "a/b+c");
    assert.equal(url.host, "bucket.s3.eu-west-1.amazonaws.com");
    const provider = (): Promise<typeof credentials> => Promise.resolve(credentials);
    const other = new URL(await s3.presign.getObject(object, { credentials: provider }));
    assert.match(other.searchParams.get("X-Amz-Credential") ?? "", /^AKIDOTHER\//);
  });

  it("refuse inputs that no URL can carry, whatever their form", async () => {
    const session = new Session(quiet);
    const refused: readonly Promise<string>[] = [
      session.client("cloudwatch", { protocol: "rpcv2Cbor" }).presign.listMetrics({}),
      session.client("lambda").presign.invoke({ FunctionName: "f", Payload: Buffer.of(1) }),
      session
        .client("lambda")
        .presign.updateFunctionConfiguration({ FunctionName: "f", Role: "r" }),
      session.client("dynamodb").presign.listTables({}),
      session
        .client("s3")
        .presign.deleteObjects({ Bucket: "b", Delete: { Objects: [{ Key: "k" }] } }),
    ];
    const says = /^TypeError: Cannot presign \w+: its input/;
    await Promise.all(refused.map((url) => assert.rejects(url, says)));
    const acl = await session
      .client("s3")
      .presign.putBucketAcl({ Bucket: "b", AccessControlPolicy: {} });
    assert.match(acl, /X-Amz-Signature/);
  });

  it("refuse inputs, times and missing credentials", async () => {
    await using s3 = new Session(quiet).client("s3");
    await assert.rejects(s3.presign.getObject({ Bucket: "bucket" } as never), {
      name: "ParamValidationError",
    });
    for (const expiresIn of [0, 604_801, 1.5]) {
      await assert.rejects(s3.presign.getObject(object, { expiresIn }), RangeError);
    }
    await assert.rejects(s3.presign.getObject(object, { credentials: false }), {
      name: "CredentialsError",
    });
  });

  it("are none for requests that carry a token", async () => {
    await using client = new Session({ ...quiet, token: "t" }).client("bedrock");
    const presign = client.presign as Record<string, (input: object) => Promise<string>>;
    const url = presign["listGuardrails"]?.({}) ?? Promise.resolve();
    await assert.rejects(url, { name: "TypeError", message: /carry a token/ });
  });

  it("presignSync needs credentials at hand, and then gives the same", async () => {
    await using s3 = new Session(quiet).client("s3");
    assert.throws(() => s3.presignSync.getObject(object), { name: "CredentialsError" });
    const one = new URL(await s3.presign.getObject(object));
    const other = new URL(s3.presignSync.getObject(object));
    assert.equal(other.pathname, one.pathname);
    assert.deepEqual([...other.searchParams.keys()], [...one.searchParams.keys()]);
  });

  it("STS: the input goes into the query of a GET", async () => {
    await using sts = new Session(quiet).client("sts");
    const url = new URL(await sts.presign.getCallerIdentity());
    assert.equal(url.searchParams.get("Action"), "GetCallerIdentity");
    assert.equal(url.searchParams.get("Version"), "2011-06-15");
  });

  it("a form for uploads has fields that are signed", async () => {
    await using s3 = new Session(quiet).client("s3");
    const { url, fields } = await s3.presignPost({
      Bucket: "bucket",
      Key: "up/${filename}",
      Conditions: [["content-length-range", 0, 1024]],
    });
    assert.equal(url, "https://bucket.s3.us-east-1.amazonaws.com/");
    assert.equal(fields["key"], "up/${filename}");
    const policy = JSON.parse(Buffer.from(fields["policy"] ?? "", "base64").toString()) as {
      conditions: unknown[];
    };
    assert.ok(
      policy.conditions.some((each) => JSON.stringify(each) === '["starts-with","$key","up/"]'),
    );
    assert.match(fields["x-amz-signature"] ?? "", /^[\da-f]{64}$/);
    await assert.rejects(s3.presignPost({ Bucket: "bucket" } as never), {
      name: "ParamValidationError",
    });
  });

  it("a URL works with a client that knows nothing", async () => {
    await using server = await startServer(({ path }) =>
      response(path.includes("X-Amz-Signature=") ? 200 : 403, "hello"),
    );
    await using s3 = server.session({ forcePathStyle: true }).client("s3");
    const answer = await fetch(await s3.presign.getObject(object));
    assert.equal(await answer.text(), "hello");
    assert.equal(server.requests[0]?.path.split("?")[0], "/bucket/a%20b/%C3%A9");
  });
});
