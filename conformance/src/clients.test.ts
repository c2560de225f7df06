import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { AwsClient } from "./aws-client.ts";
import { CliClient } from "./cli-client.ts";
import type { Client, ClientTraits } from "./client.ts";
import { clientScenarios } from "./client-scenarios.ts";
import { CurlClient } from "./curl-client.ts";
import { curlTool, nodeSdk, noToolchain, pythonClients } from "./install/parts.ts";
import type { Part } from "./install/install-part.ts";
import { LineClient } from "./line-client.ts";
import { conformanceRoot } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { rawCommand } from "./runtimes.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";

interface ClientKind extends ClientTraits {
  readonly part: Part;
  start(folder: string, invokeUrl: string): Client;
}

const kinds: readonly ClientKind[] = [
  {
    name: "curl",
    part: curlTool,
    streams: true,
    showsRequestId: true,
    hasErrorClasses: false,
    start: (_folder, invokeUrl) => new CurlClient(invokeUrl),
  },
  {
    name: "AWS CLI",
    part: pythonClients,
    streams: false,
    showsRequestId: false,
    hasErrorClasses: false,
    start: (folder, invokeUrl) => new CliClient(join(folder, "bin", "python"), invokeUrl),
  },
  {
    name: "boto3",
    part: pythonClients,
    streams: true,
    showsRequestId: true,
    hasErrorClasses: true,
    start: (folder, invokeUrl) =>
      new LineClient(
        join(folder, "bin", "python"),
        [join(conformanceRoot, "clients", "boto3_client.py")],
        invokeUrl,
      ),
  },
  {
    name: "AWS SDK for JavaScript v3",
    part: nodeSdk,
    streams: true,
    showsRequestId: true,
    hasErrorClasses: true,
    start: (folder, invokeUrl) =>
      new LineClient(
        process.execPath,
        [join(conformanceRoot, "clients", "sdk-client.mjs"), folder],
        invokeUrl,
      ),
  },
  {
    name: "@lambdad/aws",
    part: noToolchain,
    streams: true,
    showsRequestId: true,
    hasErrorClasses: true,
    start: (_folder, invokeUrl) => new AwsClient(invokeUrl),
  },
];

// One call at a time and one in the queue, so that it is easily full.
const args = ["--events=memory", "--max-concurrency=1", "--max-waiting=1", "--timeout=20"];

for (const kind of kinds) {
  const folder = await prepare(kind.part);
  if (folder === undefined) continue;
  describe(kind.name, () => {
    let daemon: Daemon | undefined;
    let client: Client | undefined;
    before(async () => {
      daemon = await startLambdad([...args, ...rawCommand], {});
      client = kind.start(folder, daemon.invokeUrl);
    });
    after(async () => {
      await client?.stop();
      await daemon?.stop();
    });
    for (const scenario of clientScenarios) {
      test(scenario.title, { skip: scenario.skip?.(kind) ?? false, timeout: 90_000 }, async () => {
        if (daemon === undefined || client === undefined) throw new Error("Not started");
        await scenario.run({ daemon, client, traits: kind });
      });
    }
  });
}
