import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Session } from "./session.ts";

const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const noon = Date.UTC(2026, 10, 21, 12);

interface TokenClient {
  generateAuthToken(input: object): Promise<string>;
  generateDbConnectAuthToken(input: object): Promise<string>;
  generateDbConnectAdminAuthToken(input: object): Promise<string>;
}

function clientOf(service: string, sessionToken?: string): TokenClient {
  const session = new Session({
    environment: {},
    configFile: "/nonexistent/config",
    credentialsFile: "/nonexistent/credentials",
  });
  const options = { region: "us-east-1", credentials: { ...credentials, sessionToken } };
  return session.client(service, options) as unknown as TokenClient;
}

const scope = (region: string, service: string): string =>
  `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261121%2F${region}%2F${service}%2Faws4_request&X-Amz-Date=20261121T120000Z`;

/** Made by botocore 1.43 at noon. */
const tokens: [
  service: string,
  method: keyof TokenClient,
  input: object,
  sessionToken: string | undefined,
  token: string,
][] = [
  [
    "rds",
    "generateAuthToken",
    { hostname: "db.example.us-east-1.rds.amazonaws.com", port: 3306, username: "jane doe" },
    undefined,
    `db.example.us-east-1.rds.amazonaws.com:3306/?Action=connect&DBUser=jane%20doe&${scope("us-east-1", "rds-db")}&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=3b2e4c61bd0a83055ce97dd8176b448f0be0aa4dcafbb323b6e1a4ec889508c9`,
  ],
  [
    "rds",
    "generateAuthToken",
    { hostname: "db.example", port: 5432, username: "jane", region: "eu-west-1" },
    "TOKEN/+=",
    `db.example:5432/?Action=connect&DBUser=jane&${scope("eu-west-1", "rds-db")}&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=TOKEN%2F%2B%3D&X-Amz-Signature=19ded34114617c0fb065bf681a6b66e598e93b833b78941cfbcd737fb2acb7da`,
  ],
  [
    "dsql",
    "generateDbConnectAuthToken",
    { hostname: "abc.dsql.us-east-1.on.aws" },
    undefined,
    `abc.dsql.us-east-1.on.aws/?Action=DbConnect&${scope("us-east-1", "dsql")}&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=eadcf54ef0a569d946343d31fe57b09707e0bd91d94134189c4689810ff3d42d`,
  ],
  [
    "dsql",
    "generateDbConnectAdminAuthToken",
    { hostname: "abc.dsql.us-east-1.on.aws", region: "eu-west-1", expiresIn: 450 },
    undefined,
    `abc.dsql.us-east-1.on.aws/?Action=DbConnectAdmin&${scope("eu-west-1", "dsql")}&X-Amz-Expires=450&X-Amz-SignedHeaders=host&X-Amz-Signature=0c8db633199cba5bfe68854acec02256a8fe04eb2031067967d5a004be8aa7e2`,
  ],
];

describe("tokens for databases", () => {
  for (const [service, method, input, sessionToken, token] of tokens) {
    test(`${method}(${JSON.stringify(input)}) as botocore`, async (t) => {
      t.mock.timers.enable({ apis: ["Date"], now: noon });
      assert.equal(await clientOf(service, sessionToken)[method](input), token);
    });
  }

  const refused: [input: object, path: string][] = [
    [{ port: 1, username: "u" }, "hostname"],
    [{ hostname: "h", port: 0, username: "u" }, "port"],
    [{ hostname: "h", port: 1, username: "" }, "username"],
  ];
  for (const [input, path] of refused) {
    test(`generateAuthToken(${JSON.stringify(input)}) is refused`, async () => {
      const call = clientOf("rds").generateAuthToken(input);
      await assert.rejects(call, { name: "ParamValidationError", path });
    });
  }
});
