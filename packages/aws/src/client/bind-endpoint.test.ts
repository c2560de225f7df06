import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ClientConfiguration } from "../configuration/client-configuration.ts";
import type { EndpointTarget } from "../endpoint/service-endpoints.ts";
import { EndpointBinding } from "./bind-endpoint.ts";

function targetOf(
  unsignedPayload: boolean,
  host = "service.us-east-1.amazonaws.com",
): EndpointTarget {
  return {
    endpoint: { protocol: "https:", host, port: 443, path: "", headers: [], auth: undefined },
    origin: { protocol: "https:", host, port: 443, hostHeader: host },
    auth: {
      scheme: "none",
      signingName: "service",
      signingRegion: "us-east-1",
      disableDoubleEncoding: false,
      unsignedPayload,
    },
    isAws: true,
  };
}

function newBinding(disableHostPrefix = false): EndpointBinding {
  return new EndpointBinding(undefined, { disableHostPrefix } as ClientConfiguration, () => {});
}

describe("EndpointBinding", () => {
  test("bind() gives one object for a place", () => {
    const binding = newBinding();
    const target = targetOf(false);
    assert.equal(binding.bind(target, ""), binding.bind(target, ""));
    assert.equal(binding.bind(target, "data-"), binding.bind(target, "data-"));
    assert.equal(binding.bind(target, "data-").origin.host, "data-service.us-east-1.amazonaws.com");
  });

  test("bind() keeps operations apart that share a host with a prefix", () => {
    const binding = newBinding();
    assert.equal(binding.bind(targetOf(true), "data-").unsignedPayload, true);
    assert.equal(binding.bind(targetOf(false), "data-").unsignedPayload, false);
  });

  test("bind() puts no prefix before an address, or where prefixes are off", () => {
    const off = newBinding(true);
    const target = targetOf(false);
    assert.equal(off.bind(target, "data-").origin, target.origin);
    const local = targetOf(false, "127.0.0.1");
    assert.equal(newBinding().bind(local, "data-").origin, local.origin);
  });

  test("elsewhere() changes the host alone", () => {
    const binding = newBinding();
    const bound = binding.bind(targetOf(true), "");
    const other = binding.elsewhere(bound, "http://127.0.0.1:8080/path");
    assert.deepEqual(other.origin, {
      protocol: "http:",
      host: "127.0.0.1",
      port: 8080,
      hostHeader: "127.0.0.1:8080",
    });
    assert.deepEqual([other.https, other.aws, other.basePath], [false, false, ""]);
    assert.equal(other.unsignedPayload, true);
    assert.equal(binding.elsewhere(bound, "http://127.0.0.1:8080/path"), other);
    assert.throws(() => binding.elsewhere(bound, "no url"), { name: "EndpointError" });
  });
});
