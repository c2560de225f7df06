// What deploy/kubernetes says of lambdad is true. Schemas: conformance/src/deploy-files.test.ts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseArguments } from "../../packages/lambdad/src/cli/parse-arguments.ts";
import { daemonPages } from "../../packages/lambdad/src/host/daemon-pages.ts";
import { root } from "../repository.ts";
import {
  at,
  type Container,
  type Labels,
  type Manifest,
  readManifests,
  readYaml,
  templateOf,
  type Tree,
} from "./manifests.ts";

const manifests = readManifests();
const deployments = manifests.filter(({ kind }) => kind === "Deployment");
const secrets = manifests.filter(({ kind }) => kind === "Secret");
/** The process ends this long after its invocations (spec reliability §3: reset and shutdown). */
const shutdownSeconds = 2;

function main(deployment: Manifest): Container {
  const [container] = templateOf(deployment).spec.containers;
  assert.ok(container !== undefined);
  return container;
}

function variablesOf({ env = [] }: Container): Record<string, string> {
  const secretValues = { AMQP_URI: "amqp://u:p@broker:5672/" };
  return Object.fromEntries(
    env.map(({ name, value }) => [name, value ?? secretValues[name as "AMQP_URI"]]),
  );
}

function isSubset(part: Labels, whole: Labels): boolean {
  return Object.entries(part).every(([name, value]) => whole[name] === value);
}

test("there are a function and a server", () => {
  const names = new Set(deployments.map(({ metadata }) => metadata.name));
  assert.deepEqual(names, new Set(["echo", "lambdad-server"]));
});

for (const deployment of deployments) {
  const { metadata, path } = deployment;
  const template = templateOf(deployment);
  const container = main(deployment);
  const variables = variablesOf(container);

  describe(`the Deployment ${metadata.name}`, () => {
    test("starts a command of lambdad, with variables that it has and values that it takes", () => {
      const command = parseArguments(container.args ?? [], variables);
      assert.equal(command.kind, metadata.name === "echo" ? "daemon" : "server");
      assert.ok(command.kind === "daemon" || command.kind === "server");
      assert.deepEqual(command.warnings, []);
    });

    test("listens where its probes ask, for pages that exist", () => {
      const options = { isDraining: () => false, isOverloaded: () => false, metrics: undefined };
      const pages = daemonPages(options);
      const { startupProbe, livenessProbe, readinessProbe, ports = [] } = container;
      assert.equal(variables["INVOKE_API_HOST"], "0.0.0.0");
      for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
        assert.ok(probe !== undefined && pages.has(probe.httpGet.path), probe?.httpGet.path);
        const port = ports.find(({ name }) => name === probe.httpGet.port);
        assert.equal(String(port?.containerPort), variables["PORT"]);
      }
      // A host that drains is alive (spec reliability §13).
      assert.equal(livenessProbe?.httpGet.path, "/health/live");
      assert.equal(readinessProbe?.httpGet.path, "/health");
    });

    test("gives what runs the time to end", () => {
      const { terminationGracePeriodSeconds } = template.spec;
      const preStop = Number(at(container.lifecycle, "preStop", "sleep", "seconds") ?? 0);
      const drain = Number(variables["LAMBDAD_DRAIN_TIMEOUT"]);
      assert.equal(terminationGracePeriodSeconds, 25);
      assert.ok(preStop + drain + shutdownSeconds < terminationGracePeriodSeconds);
    });

    test("has no rights that it does not need", () => {
      const { spec } = template;
      assert.equal(spec.automountServiceAccountToken, false);
      assert.equal(spec.securityContext["runAsNonRoot"], true);
      assert.deepEqual(spec.securityContext["seccompProfile"], { type: "RuntimeDefault" });
      for (const each of [...(spec.initContainers ?? []), ...spec.containers]) {
        assert.deepEqual(
          each.securityContext,
          {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          each.name,
        );
        assert.ok(each.resources?.limits?.["memory"] !== undefined, each.name);
      }
    });

    test("takes its secrets from Secrets that the example has", () => {
      for (const { name, value, valueFrom } of container.env ?? []) {
        if (/URI|PASS|SECRET/.test(name)) assert.equal(value, undefined, name);
        if (valueFrom === undefined) continue;
        const { name: secretName, key } = valueFrom.secretKeyRef;
        const secret = secrets.find((each) => each.metadata.name === secretName);
        assert.ok(secret?.stringData?.[key] !== undefined, `${secretName}/${key}`);
      }
    });

    test("is what its autoscaler, its budget, its policy and its Service select", () => {
      const folder = path.split("/").slice(0, -1).join("/");
      const { labels } = template.metadata;
      assert.ok(
        isSubset(at(deployment.spec, "selector", "matchLabels") as unknown as Labels, labels),
      );
      const near = manifests.filter((each) => each.path.startsWith(folder));
      for (const kind of ["PodDisruptionBudget", "NetworkPolicy"]) {
        const found = near.find((each) => each.kind === kind);
        const key = kind === "NetworkPolicy" ? "podSelector" : "selector";
        const selector = at(found?.spec, key, "matchLabels") as unknown as Labels;
        assert.ok(isSubset(selector, labels), kind);
      }
      // The broker lets in who has this label.
      assert.equal(labels["lambdad/amqp"], "true");
      assert.equal(at(deployment.spec, "replicas"), undefined, "the autoscaler has them");
    });
  });
}

for (const { kind, metadata, path, spec } of manifests) {
  if (kind !== "HorizontalPodAutoscaler" && kind !== "ScaledObject") continue;
  test(`the ${kind} ${metadata.name} in ${path} scales a Deployment that exists`, () => {
    const target = at(spec, "scaleTargetRef", "name");
    assert.ok(deployments.some((each) => each.metadata.name === target));
  });
}

describe("the function", () => {
  const deployment = deployments.find(({ metadata }) => metadata.name === "echo");
  assert.ok(deployment !== undefined);
  const container = main(deployment);
  const variables = variablesOf(container);
  const scaled = manifests.find(({ kind }) => kind === "ScaledObject");
  const trigger = at(scaled?.spec, "triggers", 0, "metadata") as Tree;

  test("is started by the folder that the init container copies", () => {
    const [init] = templateOf(deployment).spec.initContainers ?? [];
    const mount = init?.volumeMounts?.[0];
    assert.deepEqual(init?.command, ["cp", "-a", "/lambdad", `${mount?.mountPath}/`]);
    assert.deepEqual(
      container.volumeMounts?.find(({ name }) => name === mount?.name),
      { name: mount?.name, mountPath: "/lambdad", subPath: "lambdad", readOnly: true },
    );
    assert.deepEqual(container.command, ["/lambdad/lambdad"]);
  });

  test("has memory for all its environments, and 256 MiB for lambdad", () => {
    const each = Number(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]);
    const needed = each * Number(variables["MAX_CONCURRENCY"]) + 256;
    assert.equal(container.resources?.limits?.["memory"], `${needed}Mi`);
  });

  test("is scaled by its own queue, to a host for as many requests as a host holds", () => {
    assert.equal(trigger["queueName"], variables["AWS_LAMBDA_FUNCTION_NAME"]);
    assert.equal(trigger["value"], variables["MAX_CONCURRENCY"]);
  });

  test("keeps a host while its queue has the profile compat, and none needs to be for quorum", () => {
    assert.equal(variables["LAMBDAD_QUEUE_PROFILE"], undefined);
    assert.ok(Number(at(scaled?.spec, "minReplicaCount")) >= 1);
    const quorum = readFileSync(
      join(root, "deploy/kubernetes/functions/quorum/kustomization.yaml"),
      "utf8",
    );
    assert.match(quorum, /path: \/spec\/minReplicaCount\s+value: 0/);
    const added = [...quorum.matchAll(/name: ([A-Z_]+)\s+value: (\S+)/g)];
    const withAdded = Object.fromEntries(added.map(([, name = "", value = ""]) => [name, value]));
    const command = parseArguments(container.args ?? [], { ...variables, ...withAdded });
    assert.ok(command.kind === "daemon");
    const queue = command.configuration.amqp?.queue;
    assert.ok(queue?.kind === "name");
    assert.equal(queue.profile, "quorum");
    assert.equal(queue.deadLetterQueue, "echo.dead");
  });
});

/** The members that we use, as the CRDs of KEDA 2.20 and of the Cluster Operator 2.22 have them. */
const customMembers: Readonly<Record<string, readonly string[]>> = {
  ScaledObject:
    "advanced cooldownPeriod fallback maxReplicaCount minReplicaCount pollingInterval scaleTargetRef triggers".split(
      " ",
    ),
  TriggerAuthentication: ["secretTargetRef"],
  RabbitmqCluster: "affinity image override persistence rabbitmq replicas resources".split(" "),
};

for (const { kind, path, spec } of manifests) {
  const members = customMembers[kind];
  if (members === undefined) continue;
  test(`the ${kind} in ${path} has no member that its definition lacks`, () => {
    const unknown = Object.keys(spec ?? {}).filter((name) => !members.includes(name));
    assert.deepEqual(unknown, []);
  });
}

test("every kustomization names files that exist", () => {
  for (const folder of [
    "",
    "rabbitmq",
    "server",
    ...["base", "compat", "quorum", "cpu"].map((name) => `functions/${name}`),
  ]) {
    const path = join("deploy/kubernetes", folder);
    const resources = readYaml(join(path, "kustomization.yaml"))["resources"];
    for (const resource of resources as readonly string[]) {
      const target = resource.endsWith(".yaml") ? resource : join(resource, "kustomization.yaml");
      readFileSync(join(root, path, target));
    }
  }
});
