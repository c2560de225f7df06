import { batchItems, listKeys, queryItems, sizes } from "../../aws-clients/operations.mjs";
import type { AwsCallScenario, AwsScenario } from "../measure/scenarios.ts";

type SizeName = keyof typeof sizes;

const inFlightCounts = [1, 64, 512] as const;
const usual = 64;
const manyCalls = 50_000;
const manyCallsQuick = 2_000;
const millionCalls = 1_000_000;

/** All scenarios of the AWS client, in the order in which they run. */
export function awsScenarios({ quick }: { readonly quick: boolean }): AwsScenario[] {
  return [
    ...["s3-get", "s3-put"].flatMap((operation) => [
      ...sized(operation, "1KB", inFlightCounts),
      ...sized(operation, "16KB", [usual]),
      ...sized(operation, "64KB", [usual]),
      ...sized(operation, "1MB", inFlightCounts),
    ]),
    ...inFlightCounts.map((inFlight) => call("s3-list", 0, listKeys, inFlight)),
    ...sized("dynamodb-get", "1KB", inFlightCounts),
    ...sized("dynamodb-get", "16KB", [usual]),
    ...sized("dynamodb-put", "1KB", inFlightCounts),
    { ...call("dynamodb-batch", sizes["1KB"], batchItems, 8), name: "aws-dynamodb-batch-1KB-8" },
    ...inFlightCounts.map((inFlight) => call("dynamodb-query", 0, queryItems, inFlight)),
    ...sized("lambda-invoke", "1KB", inFlightCounts),
    ...sized("lambda-invoke", "16KB", [usual]),
    ...sized("lambda-invoke", "1MB", [usual]),
    ...sized("sqs-send", "1KB", inFlightCounts),
    ...["s3-get", "s3-put"].flatMap((operation) =>
      (["1KB", "1MB"] as const).flatMap((size) => sized(operation, size, [usual], true)),
    ),
    { kind: "aws-start", name: "aws-import" },
    { kind: "aws-start", name: "aws-first-call", operation: "s3-get" },
    { kind: "aws-memory", name: "aws-memory", calls: quick ? manyCallsQuick : manyCalls },
    {
      kind: "aws-memory",
      name: "aws-million-calls",
      calls: quick ? manyCallsQuick : millionCalls,
    },
  ];
}

function sized(
  operation: string,
  sizeName: SizeName,
  counts: readonly number[],
  isSecure = false,
): AwsCallScenario[] {
  const size = sizes[sizeName];
  return counts.map((inFlight) => {
    const scenario = call(operation, size, expectedOf(operation, size), inFlight);
    const prefix = isSecure ? "aws-tls" : "aws";
    return { ...scenario, isSecure, name: `${prefix}-${operation}-${sizeName}-${inFlight}` };
  });
}

function call(
  operation: string,
  size: number,
  expected: number,
  inFlight: number,
): AwsCallScenario {
  const name = `aws-${operation}-${inFlight}`;
  return { kind: "aws", name, operation, size, expected, inFlight, isSecure: false };
}

/** Bytes of what comes back; 1 where nothing does. */
function expectedOf(operation: string, size: number): number {
  if (operation === "s3-get" || operation === "lambda-invoke") return size;
  // The item's largest attribute: see `itemOf`.
  return operation === "dynamodb-get" ? size - 400 : 1;
}
