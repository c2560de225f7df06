import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { provideSandboxHosts, type SandboxHostsOptions } from "./sandbox-hosts.ts";

describe("provideSandboxHosts()", () => {
  let folder = "";
  let hostsFile = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lambdad-hosts-"));
    hostsFile = join(folder, "hosts");
    writeFileSync(hostsFile, "127.0.0.1\tlocalhost\n");
    writeFileSync(join(folder, "an-extension"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function provide(options: Partial<SandboxHostsOptions> = {}): string | undefined {
    const runtimeApiHost = "127.0.0.1";
    return provideSandboxHosts({
      extensionsDir: folder,
      runtimeApiHost,
      variables: {},
      hostsFile,
      ...options,
    });
  }
  const inContainer = { variables: { LAMBDAD_CONTAINER: "1" } };

  test("adds the names in a container, once", () => {
    assert.equal(provide(inContainer), undefined);
    assert.equal(provide(inContainer), undefined);
    assert.equal(
      readFileSync(hostsFile, "utf8"),
      "127.0.0.1\tlocalhost\n127.0.0.1 sandbox.localdomain sandbox\n",
    );
  });

  test("adds only the name that is missing, at the address of the Runtime API", () => {
    writeFileSync(hostsFile, "10.0.0.1 sandbox # not sandbox.localdomain\n");
    provide({ ...inContainer, runtimeApiHost: "169.254.100.1" });
    assert.match(readFileSync(hostsFile, "utf8"), /\n169\.254\.100\.1 sandbox\.localdomain\n$/);
  });

  test("adds a line of its own when the last one has no end", () => {
    writeFileSync(hostsFile, "127.0.0.1 localhost");
    provide(inContainer);
    assert.equal(
      readFileSync(hostsFile, "utf8"),
      "127.0.0.1 localhost\n127.0.0.1 sandbox.localdomain sandbox\n",
    );
  });

  test("changes nothing outside a container, and says what is needed", () => {
    const advice = provide();
    assert.match(advice ?? "", /needs the line '127\.0\.0\.1 sandbox\.localdomain sandbox' in /);
    assert.equal(readFileSync(hostsFile, "utf8"), "127.0.0.1\tlocalhost\n");
  });

  test("says nothing without extensions, or when the names are known", () => {
    assert.equal(provide({ extensionsDir: join(folder, "none") }), undefined);
    writeFileSync(hostsFile, "127.0.0.1 sandbox sandbox.localdomain\n");
    assert.equal(provide(), undefined);
  });

  test("says why the names cannot be added", () => {
    const advice = provide({ ...inContainer, hostsFile: join(folder, "none", "hosts") });
    assert.match(advice ?? "", /cannot be added: ENOENT/);
  });
});
