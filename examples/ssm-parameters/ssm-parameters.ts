// Prints the parameters below a path, as lines of an environment file.
//
// node ssm-parameters.ts [PATH] [--limit N] [--endpoint-url URL | --aws]
import { parseArgs } from "node:util";
import { Session } from "@lambdad/aws";
import { startStandIn } from "./stand-in.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    limit: { type: "string" },
    "endpoint-url": { type: "string" },
    // Your account in place of the stand-in.
    aws: { type: "boolean", default: false },
  },
});
const path = positionals[0] ?? "/shop/prod";
const limit = values.limit === undefined ? undefined : Number(values.limit);
const endpointUrl = values["endpoint-url"];

const standIn = values.aws || endpointUrl !== undefined ? undefined : await startStandIn();
const session = new Session({
  ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
  ...(standIn !== undefined && {
    endpoint: standIn.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "EXAMPLE", secretAccessKey: "example" },
  }),
});
const ssm = session.client("ssm");
let requests = 0;
ssm.on("request", () => (requests += 1));

// The next page is asked for while this one is being used.
const pages = ssm.paginate.getParametersByPath(
  { Path: path, Recursive: true, WithDecryption: true },
  { prefetch: 1, ...(limit !== undefined && { limit }) },
);

let count = 0;
for await (const { Name = "", Type, Value = "" } of pages.items()) {
  count += 1;
  // Values that somebody has made secret do not belong on a screen.
  console.log(`${variableOf(Name)}=${Type === "SecureString" ? "(secret)" : Value}`);
}
await session.close();
await standIn?.close();
console.error(`${count} parameters below ${path}, in ${requests} requests`);

/** `/shop/prod/database/host` below `/shop/prod` is `DATABASE_HOST`. */
function variableOf(name: string): string {
  const below = name.slice(path.replace(/\/$/, "").length + 1);
  return below.replaceAll(/\W/g, "_").toUpperCase();
}
