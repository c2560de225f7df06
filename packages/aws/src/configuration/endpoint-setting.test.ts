import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigurationError } from "../client/errors.ts";
import { resolveEndpointUrl } from "./endpoint-setting.ts";
import { parseProfileFile } from "./profile-file.ts";
import { resolveProxy } from "./proxy-setting.ts";
import { SettingSource } from "./setting-source.ts";
import { SharedConfiguration } from "./shared-configuration.ts";

const text = `
[default]
endpoint_url = http://profile
services = dev
[profile general]
endpoint_url = http://profile
[profile ignoring]
endpoint_url = http://profile
services = dev
ignore_configured_endpoint_urls = TRUE
[profile lost]
services = nowhere
[services dev]
application_auto_scaling =
  endpoint_url = http://services
s3 =
  endpoint_url = http://other
`;
const files = new SharedConfiguration(
  { configFile: "/c", credentialsFile: "/d" },
  parseProfileFile(text, "config", "/c"),
  parseProfileFile("", "credentials", "/d"),
);

function endpoint(
  options: object,
  environment: Record<string, string> = {},
  profile = "default",
): string | undefined {
  const found = files.profile(profile);
  const settings = new SettingSource(options, environment, found);
  return resolveEndpointUrl("Application Auto-Scaling", settings, files, found);
}

describe("resolveEndpointUrl", () => {
  const own = { AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: "http://own" };
  const all = { ...own, AWS_ENDPOINT_URL: "http://all", AWS_ENDPOINT_URL_S3: "http://s3" };
  const ignore = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  const cases: readonly (readonly [
    name: string,
    options: object,
    environment: Record<string, string>,
    profile: string,
    expected: string | undefined,
  ])[] = [
    ["the option first", { endpoint: "http://option" }, all, "default", "http://option"],
    ["the option's other name", { endpointUrl: "http://option" }, all, "default", "http://option"],
    ["the service's variable second", {}, all, "default", "http://own"],
    ["the general variable third", {}, { AWS_ENDPOINT_URL: "http://all" }, "default", "http://all"],
    ["the services section fourth", {}, {}, "default", "http://services"],
    ["the profile fifth", {}, {}, "general", "http://profile"],
    [
      "the profile, as a blank variable is none",
      {},
      { AWS_ENDPOINT_URL: " " },
      "general",
      "http://profile",
    ],
    ["nothing, if ignored by the environment", {}, { ...all, ...ignore }, "default", undefined],
    ["nothing, if ignored by the profile", {}, {}, "ignoring", undefined],
    [
      "nothing, if ignored by the option",
      { ignoreConfiguredEndpointUrls: true },
      all,
      "default",
      undefined,
    ],
    [
      "the option, though the others are ignored",
      { endpoint: "http://option" },
      { ...all, ...ignore },
      "default",
      "http://option",
    ],
    [
      "what the environment does not ignore",
      {},
      { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false" },
      "ignoring",
      "http://services",
    ],
  ];
  for (const [name, options, environment, profile, expected] of cases) {
    it(`takes ${name}`, () => assert.equal(endpoint(options, environment, profile), expected));
  }

  for (const [given, expected] of [
    ["HTTP://LocalHost:80/a/b//", "http://localhost/a/b"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
    ["http://[::1]:9000/", "http://[::1]:9000"],
    ["redis://user:password@host/0", "redis://user:password@host/0"],
    ["file:///tmp/x", "file:///tmp/x"],
    ["memory:", "memory:"],
  ] as const) {
    it(`makes ${expected} of ${given}`, () =>
      assert.equal(endpoint({ endpoint: given }), expected));
  }

  const errors: readonly (readonly [given: unknown, message: RegExp])[] = [
    ["localhost:4566", /"localhost:4566" of the option "endpoint": it must be a URL such as http:/],
    ["", /it must be a URL/],
    [1, /it must be a URL/],
    ["ftp://a", /it must be a URL/],
    ["http://a?b=c", /a query or a fragment cannot be in it$/],
    ["http://a/#b", /a query or a fragment cannot be in it$/],
    ["http://me:secret@a", /the endpoint of the option "endpoint": a user and a password/],
    ["me:secret@a", /the endpoint of the option "endpoint": it must be a URL/],
  ];
  for (const [given, message] of errors) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      assert.throws(
        () => endpoint({ endpoint: given }),
        (error: Error) => {
          assert.ok(error instanceof ConfigurationError);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }

  it("refuses a services section that is not there, where it would count", () => {
    assert.throws(() => endpoint({}, {}, "lost"), /\[services nowhere\], which is not in "\/c"$/);
    assert.equal(endpoint({}, own, "lost"), "http://own");
  });
});

describe("resolveProxy", () => {
  const cases: readonly (readonly [
    option: string | false | undefined,
    environment: Record<string, string>,
    expected: object | undefined,
  ])[] = [
    [undefined, {}, undefined],
    [undefined, { NO_PROXY: "a" }, undefined],
    [
      undefined,
      { HTTPS_PROXY: "a", HTTP_PROXY: "b", NO_PROXY: "c" },
      { https: "a", http: "b", noProxy: "c" },
    ],
    [
      undefined,
      { https_proxy: "a", HTTPS_PROXY: "b" },
      { https: "a", http: undefined, noProxy: undefined },
    ],
    [undefined, { HTTP_PROXY: "a", REQUEST_METHOD: "GET" }, undefined],
    ["p", { NO_PROXY: "c", HTTP_PROXY: "b" }, { https: "p", http: "p" }],
    [false, { HTTPS_PROXY: "a" }, undefined],
  ];
  for (const [option, environment, expected] of cases) {
    it(`of ${JSON.stringify([option, environment])}`, () => {
      assert.deepEqual(resolveProxy(option, environment), expected);
    });
  }
});
