import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { Session } from "../client/session.ts";
import type { Environment } from "../configuration/shared-configuration.ts";
import { ssoCachePath } from "./sso-token.ts";

/** A request that a service got. */
interface Got {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const ASSUMED = `<Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>id</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/R/s</Arn></AssumedRoleUser>`;
const ROLE = { accessKeyId: "ROLE", secretAccessKey: "role-secret", sessionToken: "role-token" };
const END = new Date("2099-01-01T00:00:00Z");

/** Answers as STS, SSO, SSO OIDC and the metadata service do; as SQS that knows one token. */
function answer({ line, headers, body }: Got): [status: number, body: string] {
  if (headers["x-amz-target"] !== undefined) {
    if (headers["x-amz-security-token"] === "new-token") return [200, "{}"];
    return [400, JSON.stringify({ __type: "ExpiredToken", message: "It has ended" })];
  }
  const action = new URLSearchParams(body).get("Action");
  if (action !== null) {
    return [
      200,
      `<${action}Response><${action}Result>${ASSUMED}</${action}Result></${action}Response>`,
    ];
  }
  if (line === "PUT /latest/api/token") return [200, "metadata-token"];
  if (line === "GET /latest/meta-data/placement/region") return [200, "eu-north-1\n"];
  if (line.startsWith("GET /federation/credentials?")) {
    const [accessKeyId, secretAccessKey, sessionToken] = Object.values(ROLE);
    const roleCredentials = {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      expiration: END.getTime(),
    };
    return [200, JSON.stringify({ roleCredentials })];
  }
  if (line === "POST /token") {
    return [200, JSON.stringify({ accessToken: "renewed", expiresIn: 3600, tokenType: "Bearer" })];
  }
  return [400, "{}"];
}

/** Services on loopback, and a home directory, that the given environment leads to. */
async function world(
  t: TestContext,
  config: string,
): Promise<{ got: Got[]; home: string; environment: Environment }> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const line = `${request.method} ${request.url}`;
      const entry = { line, headers: request.headers, body: Buffer.concat(chunks).toString() };
      got.push(entry);
      const [status, body] = answer(entry);
      response.writeHead(status).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const home = await mkdtemp(join(tmpdir(), "session-credentials-"));
  await mkdir(join(home, ".aws"));
  await writeFile(join(home, ".aws", "config"), config);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = { HOME: home, AWS_ENDPOINT_URL: url, AWS_EC2_METADATA_DISABLED: "true" };
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(home, { recursive: true });
  });
  return { got, home, environment };
}

describe("Session.credentials()", () => {
  test("assumes a profile's role with our own STS client", async (t) => {
    const config = `[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\nregion = eu-west-1\n[profile base]\naws_access_key_id = BASE\naws_secret_access_key = secret`;
    const { got, environment } = await world(t, config);
    const session = new Session({ profile: "dev", environment });
    assert.deepEqual(await session.credentials(), {
      ...ROLE,
      expiration: END,
      accountId: "123456789012",
    });
    assert.match(
      got[0]?.headers.authorization ?? "",
      /Credential=BASE\/\d{8}\/eu-west-1\/sts\/aws4_request/,
    );
    assert.equal(
      new URLSearchParams(got[0]?.body).get("RoleArn"),
      "arn:aws:iam::123456789012:role/R",
    );
  });

  test("assumes a role with web identity, unsigned", async (t) => {
    const { got, home, environment } = await world(t, "");
    const file = join(home, "token");
    await writeFile(file, "identity");
    const web = { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: "arn:aws:iam::1:role/R" };
    const session = new Session({ environment: { ...environment, ...web } });
    assert.equal((await session.credentials()).accessKeyId, "ROLE");
    assert.equal(got[0]?.headers.authorization, undefined);
    assert.equal(new URLSearchParams(got[0]?.body).get("WebIdentityToken"), "identity");
  });

  test("renews an SSO token and gets the role's credentials with it, both unsigned", async (t) => {
    const config = `[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = admin\n[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp`;
    const { got, home, environment } = await world(t, config);
    const path = ssoCachePath({ HOME: home }, "corp");
    await mkdir(dirname(path), { recursive: true });
    const registration = {
      clientId: "c",
      clientSecret: "s",
      registrationExpiresAt: "2099-01-01T00:00:00Z",
    };
    const token = { accessToken: "old", expiresAt: new Date().toISOString(), refreshToken: "r" };
    await writeFile(path, JSON.stringify({ ...token, ...registration }));
    const session = new Session({ environment });
    assert.deepEqual(await session.credentials(), {
      ...ROLE,
      expiration: END,
      accountId: "123456789012",
    });
    assert.deepEqual(JSON.parse(got[0]?.body ?? ""), {
      grantType: "refresh_token",
      clientId: "c",
      clientSecret: "s",
      refreshToken: "r",
    });
    assert.equal(got[1]?.headers["x-amz-sso_bearer_token"], "renewed");
    assert.match(got[1]?.line ?? "", /role_name=admin/);
    assert.deepEqual(
      got.map(({ headers }) => headers.authorization),
      [undefined, undefined],
    );
    const kept = JSON.parse(await readFile(path, "utf8")) as { readonly accessToken: string };
    assert.equal(kept.accessToken, "renewed");
  });

  test("says that STS cannot be reached, with the reason as the cause", async (t) => {
    const config = `[default]\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = default\naws_access_key_id = A\naws_secret_access_key = s`;
    const { environment } = await world(t, config);
    const nowhere = { ...environment, AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1" };
    await assert.rejects(new Session({ environment: nowhere }).credentials(), (error: Error) => {
      assert.equal(error.name, "CredentialsError");
      assert.match(
        error.message,
        /^Cannot assume role "arn:aws:iam::1:role\/R" of profile "default": /,
      );
      assert.equal((error.cause as Error).name, "ConnectionError");
      return true;
    });
  });
});

const keys = (name: string): string =>
  `[default]\naws_access_key_id = ${name}\naws_secret_access_key = ${name}-secret\naws_session_token = ${name}-token`;

describe("A client whose keys have ended, by the service's answer", () => {
  test("CL-12: takes those that another program has written to the credentials file", async (t) => {
    const { got, home, environment } = await world(t, "");
    const path = join(home, ".aws", "credentials");
    await writeFile(path, keys("old"));
    const session = new Session({ environment, region: "us-east-1" });
    assert.equal((await session.credentials()).accessKeyId, "old");
    await writeFile(path, `${keys("new")}\n`);
    await using sqs = session.client("sqs");
    await sqs.listQueues();
    const tokens = got.map(({ headers }) => headers["x-amz-security-token"]);
    assert.deepEqual(tokens, ["old-token", "new-token"]);
  });

  test("CL-12: is not asked again with keys that were given", async (t) => {
    const { got, environment } = await world(t, "");
    const credentials = { accessKeyId: "A", secretAccessKey: "s", sessionToken: "old-token" };
    await using sqs = new Session({ environment, region: "us-east-1", credentials }).client("sqs");
    await assert.rejects(sqs.listQueues(), { name: "ExpiredToken" });
    assert.equal(got.length, 1);
  });
});

describe("A client with useInstanceRegion", () => {
  test("asks the instance metadata service where nothing names a region", async (t) => {
    const { got, environment: given } = await world(t, "");
    const { AWS_EC2_METADATA_DISABLED: _, ...environment } = given;
    const service = { AWS_EC2_METADATA_SERVICE_ENDPOINT: environment["AWS_ENDPOINT_URL"] };
    const session = new Session({
      environment: { ...environment, ...service },
      credentials: { accessKeyId: "A", secretAccessKey: "s", sessionToken: "new-token" },
      useInstanceRegion: true,
    });
    await using named = session.client("sqs", { region: "us-east-1" });
    assert.equal(await named.meta.region(), "us-east-1");
    assert.equal(got.length, 0);
    await using sqs = session.client("sqs");
    await sqs.listQueues();
    assert.equal(got[1]?.headers["x-aws-ec2-metadata-token"], "metadata-token");
    assert.match(got[2]?.headers.authorization ?? "", /\/eu-north-1\/sqs\/aws4_request/);
    await using other = session.client("sqs");
    assert.equal(await other.meta.region(), "eu-north-1");
    assert.equal(got.length, 3, "an instance stays where it is");
  });

  test("says why there is none", async (t) => {
    const { environment } = await world(t, "");
    await using sqs = new Session({ environment, useInstanceRegion: true }).client("sqs");
    await assert.rejects(sqs.listQueues(), {
      name: "ConfigurationError",
      message:
        "Cannot find the region of the instance: Cannot use the instance metadata service: AWS_EC2_METADATA_DISABLED is true",
    });
  });
});
