import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import {
  answers,
  failure,
  failureOf,
  json,
  keys,
  quiet,
  response,
  startServer,
} from "./client-fixture.test.ts";
import { Session } from "./session.ts";
import { AwsClientError, ParamValidationError, ServiceError } from "./errors.ts";

const input = { TableName: "t", Key: { id: { S: "1" } } };

describe("options of a call", { timeout: 30_000 }, () => {
  it("headers are sent and signed, and win over the client's own", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    const headers = { "X-Amz-Mine": "1", "x-other": "two", "content-type": "application/mine" };
    await client.getItem(input, { headers });
    const sent = server.requests[0]?.headers ?? {};
    assert.equal(sent["x-amz-mine"], "1");
    assert.equal(sent["x-other"], "two");
    assert.equal(sent["content-type"], "application/mine");
    assert.match(sent["authorization"] ?? "", /SignedHeaders=[^,]*x-amz-mine/);
  });

  it("region and credentials are the call's alone", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    const other = { accessKeyId: "AKIDOTHER", secretAccessKey: "o", sessionToken: "token" };
    await client.getItem(input, { region: "eu-west-1", credentials: other });
    await client.getItem(input, { credentials: () => Promise.resolve(other) });
    await client.getItem(input, { credentials: false });
    await client.getItem(input);
    const signatures = server.requests.map(({ headers }) => headers["authorization"]);
    assert.match(signatures[0] ?? "", /AKIDOTHER\/\d+\/eu-west-1\//);
    assert.match(signatures[1] ?? "", /AKIDOTHER\/\d+\/us-east-1\//);
    assert.equal(signatures[2], undefined);
    assert.match(signatures[3] ?? "", new RegExp(`${keys.accessKeyId}/\\d+/us-east-1/`));
    assert.equal(server.requests[0]?.headers["x-amz-security-token"], "token");
    assert.equal(server.requests[3]?.headers["x-amz-security-token"], undefined);
  });

  it("a region that is none fails the call, nothing else", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    await assert.rejects(client.getItem(input, { region: "evil.example/" }), {
      name: "ConfigurationError",
    });
    await client.getItem(input);
    await client.close();
    assert.equal(server.requests.length, 1);
  });

  it("a signal that is none fails the call, and the client can be closed", async () => {
    await using server = await startServer(() => json({}));
    const client = server.session().client("dynamodb");
    const signal = { aborted: false } as AbortSignal;
    await assert.rejects(client.getItem(input, { signal }), TypeError);
    await client.getItem(input);
    await assert.rejects(client.getItem(input, { signal }), TypeError);
    await client.close();
  });

  it("maxAttempts is the call's", async () => {
    await using server = await startServer(() => response(500));
    await using client = server.session().client("dynamodb", { maxAttempts: 2 });
    await assert.rejects(client.getItem(input));
    await assert.rejects(client.getItem(input, { maxAttempts: 1 }));
    await assert.rejects(client.getItem(input, { maxAttempts: 5 }));
    assert.equal(server.requests.length, 2 + 1 + 5);
    assert.equal(server.requests.at(-1)?.headers["amz-sdk-request"], "attempt=5; max=5");
  });

  it("a bearer token authorizes where the service takes one", async () => {
    await using server = await startServer(() => json({}));
    const environment = { AWS_BEARER_TOKEN_BEDROCK: "from-the-environment" };
    await using session = server.session({ environment });
    await using named = session.client("bedrock", { token: "from-the-option" });
    let fetched = 0;
    const token = (): Promise<{ token: string }> => Promise.resolve({ token: `t${fetched++}` });
    await using refreshed = session.client("bedrock", { token });
    await using other = session.client("dynamodb", { token: "unused" });
    await session.client("bedrock")["listGuardrails"]?.();
    await named["listGuardrails"]?.();
    await refreshed["listGuardrails"]?.();
    await refreshed["listGuardrails"]?.();
    await other.getItem(input);
    const sent = server.requests.map(({ headers }) => headers["authorization"]);
    assert.deepEqual(sent.slice(0, 4), [
      "Bearer from-the-environment",
      "Bearer from-the-option",
      "Bearer t0",
      "Bearer t0",
    ]);
    assert.match(sent[4] ?? "", /^AWS4-HMAC-SHA256/);
  });

  it("a missing token says what to set", async () => {
    await using server = await startServer(() => json({}));
    const environment = { AWS_AUTH_SCHEME_PREFERENCE: "httpBearerAuth" };
    await using client = server.session({ environment }).client("bedrock");
    await assert.rejects(client["listGuardrails"]?.() ?? Promise.resolve(), {
      name: "CredentialsError",
      message: /option "token" or the variable AWS_BEARER_TOKEN_BEDROCK/,
    });
  });

  it("Signature Version 4a signs where the endpoint asks for it", async () => {
    const seen: (readonly string[])[] = [];
    const transport = answers((origin, { headers }) => seen.push([origin.host, ...headers]));
    const session = new Session({ ...quiet, transport });
    const Entries = [{ Source: "s", DetailType: "d", Detail: "{}" }];
    await session.client("events").putEvents({ EndpointId: "abc.456", Entries });
    const [[host, ...headers] = []] = seen;
    assert.equal(host, "abc.456.endpoint.events.amazonaws.com");
    assert.match(
      headers[headers.indexOf("authorization") + 1] ?? "",
      /^AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/events\/aws4_request, .*region-set/,
    );
    assert.equal(headers[headers.indexOf("x-amz-region-set") + 1], "*");
    const Bucket = "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap";
    const environment = { AWS_SIGV4A_SIGNING_REGION_SET: "us-*,eu-west-1" };
    const s3 = session.client("s3", { environment } as object);
    const url = new URL(await s3.presign.getObject({ Bucket, Key: "k" }));
    assert.equal(url.host, "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com");
    assert.equal(url.searchParams.get("X-Amz-Algorithm"), "AWS4-ECDSA-P256-SHA256");
    assert.equal(url.searchParams.get("X-Amz-Region-Set"), "us-*,eu-west-1");
  });
});

describe("inputs", { timeout: 30_000 }, () => {
  it("are never changed: frozen ones work", async () => {
    await using server = await startServer(() => json({}));
    await using session = server.session({ maxAttempts: 1 });
    await session
      .client("dynamodb")
      .transactWriteItems(
        freeze({ TransactItems: [{ Put: { TableName: "t", Item: { id: { S: "1" } } } }] }),
      );
    const s3 = session.client("s3", { requestChecksumCalculation: "WHEN_SUPPORTED" });
    await s3.putObject(
      freeze({ Bucket: "b", Key: "k", Body: Buffer.from("x"), Metadata: { a: "b" } }),
    );
    await s3
      .deleteObjects(freeze({ Bucket: "b", Delete: { Objects: [{ Key: "k" }] } }))
      .catch(() => {});
    await session
      .client("sqs")
      .sendMessage(
        freeze({ QueueUrl: server.url, MessageBody: "m" }),
        freeze({ headers: { "x-a": "b" } }),
      )
      .catch(() => {});
    assert.equal(server.requests.length, 4);
  });

  it("may have getters, and be instances of classes", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    class Base {
      get TableName(): string {
        return "from a getter";
      }
    }
    class Request extends Base {
      readonly Key = new Map() as unknown as Record<string, never>;
      readonly ConsistentRead = null as unknown as undefined;
      readonly ReturnConsumedCapacity = undefined;
    }
    const request = new Request();
    Object.defineProperty(request, "Key", { get: () => ({ id: { S: "1" } }), enumerable: true });
    await client.getItem(request);
    assert.deepEqual(JSON.parse(server.requests[0]?.body.toString() ?? ""), {
      TableName: "from a getter",
      Key: { id: { S: "1" } },
    });
  });

  it("are checked before anything is sent, with path and nearest name", async () => {
    await using server = await startServer(() => json({}));
    await using session = server.session();
    const client = session.client("s3");
    const bad = { Bucket: "b", Delete: { Objects: [{ Key: "a" }, {}] } } as never;
    const error = await failureOf(client.deleteObjects(bad));
    assert.ok(error instanceof ParamValidationError);
    assert.equal(error.path, "Delete.Objects[1].Key");
    assert.equal(error.$metadata?.attempts, 0);
    const typo = await failureOf(
      client.getObject({ Bucket: "b", Key: "k", VersionID: "1" } as never),
    );
    assert.match((typo as Error).message, /VersionID.*VersionId/);
    assert.equal(server.requests.length, 0);
  });

  it("validate: false leaves all to the service but the labels of the path", async () => {
    await using server = await startServer(() => json({}));
    await using session = server.session({ validate: false });
    await session.client("dynamodb").getItem({ Unknown: 1 } as never);
    assert.equal(server.requests.length, 1);
    for (const Key of [undefined, ""]) {
      const call = session.client("s3").deleteObject({ Bucket: "b", Key } as never);
      await assert.rejects(call, { name: "ParamValidationError", path: "Key" });
    }
    assert.equal(server.requests.length, 1);
  });
});

describe("$metadata and errors", { timeout: 30_000 }, () => {
  it("outputs have $metadata, with headers that are not shown", async () => {
    await using server = await startServer(() =>
      json({}, 200, { "x-amz-id-2": "extended", "x-amz-cf-id": "cf", "x-twice": "a" }),
    );
    await using client = server.session().client("dynamodb");
    const { $metadata } = await client.getItem(input);
    assert.deepEqual(
      { ...$metadata },
      {
        httpStatusCode: 200,
        requestId: "id-1",
        extendedRequestId: "extended",
        cfId: "cf",
        attempts: 1,
        totalRetryDelay: 0,
      },
    );
    assert.equal($metadata.httpHeaders?.["x-twice"], "a");
    assert.ok(!inspect($metadata).includes("x-twice"));
  });

  it("errors have all of it, and are instances across clients", async () => {
    await using server = await startServer(() =>
      response(409, JSON.stringify({ Type: "User", message: "it is there" }), {
        "x-amzn-errortype": "ResourceConflictException:http://x",
        "x-amzn-requestid": "id-2",
      }),
    );
    await using session = server.session();
    const [one, other] = [session.client("lambda"), server.session().client("lambda")];
    const error = await failureOf(one.getFunction({ FunctionName: "f" }));
    assert.ok(error instanceof ServiceError);
    assert.ok(error instanceof AwsClientError);
    assert.ok(error instanceof one.errors.ResourceConflictException);
    assert.ok(error instanceof other.errors.ResourceConflictException);
    assert.ok(!(error instanceof other.errors.ResourceNotFoundException));
    assert.equal(error.name, "ResourceConflictException");
    assert.equal(error.code, "ResourceConflictException");
    assert.equal(error.message, "it is there");
    assert.equal((error as { Type?: string }).Type, "User");
    assert.equal(error.$fault, "client");
    assert.equal(error.$service, "lambda");
    assert.equal(error.$operation, "GetFunction");
    assert.equal(error.requestId, "id-2");
    assert.equal(error.statusCode, 409);
    assert.equal(String(error), "ResourceConflictException: it is there");
    await other.close();
  });

  it("an unknown code names its error", async () => {
    await using server = await startServer(() => failure("BrandNewException", 418));
    await using client = server.session().client("dynamodb");
    const error = await failureOf(client.getItem(input));
    assert.ok(error instanceof ServiceError);
    assert.equal(error.name, "BrandNewException");
    assert.equal(error.message, "BrandNewException happened");
  });

  it("a stack has the line of the caller: first call, later calls, each kind of error", async () => {
    await using server = await startServer(() => failure("ValidationException", 400));
    await using client = server.session().client("dynamodb");
    async function callerOfTheFirst(): Promise<unknown> {
      return await client.getItem(input);
    }
    async function callerOfTheSecond(): Promise<unknown> {
      return await client.getItem(input);
    }
    async function callerWithoutInput(): Promise<unknown> {
      return await client.getItem({} as never);
    }
    async function callerOfTheClosed(): Promise<unknown> {
      await client.close();
      return await client.getItem(input);
    }
    const callers = [callerOfTheFirst, callerOfTheSecond, callerWithoutInput, callerOfTheClosed];
    for (const caller of callers) {
      const error = (await failureOf(caller())) as Error;
      assert.match(error.stack ?? "", new RegExp(`${caller.name} .*calls\\.test\\.ts:\\d+`));
    }
  });

  it("secrets are in no error and no output of inspect", async () => {
    await using server = await startServer(() => failure("AccessDeniedException", 403));
    const secret = { ...keys, secretAccessKey: "VERYSECRET", sessionToken: "TOKENSECRET" };
    await using client = server.session({ credentials: secret }).client("dynamodb");
    const error = await failureOf(client.getItem(input));
    for (const shown of [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error)]) {
      assert.ok(!shown.includes("SECRET"));
    }
  });

  it("an operation that does not exist", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    assert.equal((client as unknown as Record<string, unknown>)["noSuchThing"], undefined);
    await assert.rejects(client.callAll("noSuchThing" as "getItem", [input]), TypeError);
    await assert.rejects(client.call("GetItm", input), {
      name: "TypeError",
      message: 'Cannot call "GetItm": DynamoDB has no such operation; did you mean "getItem"?',
    });
  });
});

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}
