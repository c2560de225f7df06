import assert from "node:assert/strict";
import { test } from "node:test";
import { regionTable } from "./regions.ts";
import { renderServiceList, serviceAliases } from "./service-list.ts";

test("serviceAliases() follow from the service's id, and never hide a service", () => {
  const aliases = serviceAliases({ logs: "CloudWatch Logs", a: "B", b: "B", s3: "S3" });
  assert.deepEqual(aliases, {
    logs: ["cloudwatch-logs", "cloudwatchlogs"],
    a: [],
    b: [],
    s3: ["s3api"],
  });
  assert.match(
    renderServiceList(aliases),
    /`\nlogs cloudwatch-logs cloudwatchlogs\na\nb\ns3 s3api\n`/,
  );
});

test("regionTable() lists the partition's regions in which a service has an endpoint", () => {
  const endpoints = {
    partitions: [
      {
        partition: "p",
        regions: { r2: {}, r1: {} },
        services: {
          everywhere: { endpoints: { r1: {}, r2: {}, "fips-r1": {} } },
          somewhere: { endpoints: { r2: {} } },
          global: { endpoints: { "p-global": {} } },
        },
      },
    ],
  };
  const prefixes = { a: "everywhere", b: "somewhere", c: "global", d: "nowhere" };
  assert.deepEqual(regionTable(endpoints, prefixes), {
    p: { all: ["r1", "r2"], services: { a: "*", b: ["r2"] } },
  });
});
