// deploy/compose.yaml and what lies beside it. The schema of Compose: conformance/src/deploy-files.test.ts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../repository.ts";
import { runCommand } from "../run-command.ts";
import { at, entriesOf, readYaml, textAt } from "./manifests.ts";

const compose = readYaml("deploy/compose.yaml");
const text = readFileSync(join(root, "deploy/compose.yaml"), "utf8");
const readme = readFileSync(join(root, "deploy/README.md"), "utf8");
const example = readFileSync(join(root, "deploy/.env.example"), "utf8");
const services = entriesOf(compose["services"]);
const declared = new Set(entriesOf(compose["volumes"]).map(([name]) => name));

test("compose.yaml has the broker, Redis, an S3 server and Jaeger", () => {
  const names = new Set(services.map(([name]) => name));
  assert.deepEqual(names, new Set(["rabbitmq", "redis", "s3", "jaeger"]));
});

for (const [name, service] of services) {
  describe(`the service ${name} of compose.yaml`, () => {
    test("is told of in the README with its image", () => {
      const row = readme.split("\n").find((line) => line.startsWith(`| \`${name}\``));
      assert.ok(row?.includes(`\`${textAt(service, "image")}\``), row);
    });

    test("can be reached from this machine only", () => {
      const ports = at(service, "ports") as readonly string[];
      assert.notEqual(ports.length, 0);
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
    });

    test("has a health check, limits, bounded logs, and gains no privileges", () => {
      assert.ok(Array.isArray(at(service, "healthcheck", "test")));
      assert.match(textAt(service, "deploy", "resources", "limits", "memory"), /^\d+[MG]$/);
      assert.match(textAt(service, "deploy", "resources", "limits", "cpus"), /^\d+$/);
      assert.equal(at(service, "logging", "options", "max-size"), "10m");
      assert.deepEqual(at(service, "security_opt"), ["no-new-privileges:true"]);
    });

    test("has its secrets from .env", () => {
      for (const [variable] of entriesOf(at(service, "environment"))) {
        if (!/pass|secret|key|user/i.test(variable)) continue;
        assert.match(
          textAt(service, "environment", variable),
          /^\$\{[A-Z0-9_]+:\?[^}]+\}$/,
          variable,
        );
      }
    });

    test("mounts volumes that are declared, and files that exist", () => {
      const volumes = (at(service, "volumes") ?? []) as readonly string[];
      for (const volume of volumes) {
        const [source = ""] = volume.split(":");
        if (source.startsWith("./")) readFileSync(join(root, "deploy", source));
        else assert.ok(declared.has(source), source);
      }
    });
  });
}

test(".env.example has every variable of compose.yaml, and no other", () => {
  const used = new Set([...text.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name));
  const given = [...example.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
  assert.deepEqual(new Set(given), used);
});

for (const path of ["deploy/.env", "deploy/kubernetes/secrets.yaml"]) {
  test(`git does not take ${path}`, async () => {
    const { status } = await runCommand(["git", "check-ignore", "--quiet", path], {
      capture: true,
    });
    assert.equal(status, 0);
  });
}
