import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Answer,
  clientOf,
  type Received,
  startServer,
} from "./scripted-server-fixture.test.ts";

const isDiscovery = ({ headers }: Received): boolean =>
  headers["x-amz-target"]?.endsWith(".DescribeEndpoints") === true;

function endpoint(Address: string, CachePeriodInMinutes = 60): Answer {
  return { body: JSON.stringify({ Endpoints: [{ Address, CachePeriodInMinutes }] }) };
}

const cell = "query-cell1.timestream.us-east-1.amazonaws.com";
const rows: Answer = { body: '{"QueryId":"q","Rows":[],"ColumnInfo":[]}' };
const query = { QueryString: "SELECT 1" };

describe("endpointDiscoveryRules", () => {
  test("ask once for the endpoint, also for calls at the same time", async (t) => {
    const server = await startServer(t, (request) =>
      isDiscovery(request) ? endpoint(cell) : rows,
    );
    const client = clientOf(t, "timestream-query", server);
    await Promise.all([client.call("Query", query), client.call("Query", query)]);
    await client.call("Query", query);
    assert.deepEqual(
      server.requests.map(({ host }) => host),
      ["query.timestream.us-east-1.amazonaws.com", cell, cell, cell],
    );
    assert.equal(server.requests[0]?.headers["x-amz-api-version"], "2018-11-01");
    assert.match(server.requests[1]?.headers["authorization"] ?? "", /us-east-1\/timestream\//);
  });

  test("ask again when its time is over", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 10, 21) });
    const server = await startServer(t, (request) =>
      isDiscovery(request) ? endpoint(cell, 5) : rows,
    );
    const client = clientOf(t, "timestream-query", server);
    await client.call("Query", query);
    t.mock.timers.setTime(Date.UTC(2026, 10, 21, 0, 6));
    await client.call("Query", query);
    assert.deepEqual(server.requests.map(isDiscovery), [true, false, true, false]);
  });

  test("do not ask for ever when the endpoint may not be kept", async (t) => {
    const server = await startServer(t, (request) =>
      isDiscovery(request) ? endpoint(cell, 0) : rows,
    );
    await clientOf(t, "timestream-query", server).call("Query", query);
    assert.deepEqual(server.requests.map(isDiscovery), [true, false]);
  });

  test("ask again, once, when the endpoint is not known any more", async (t) => {
    const invalid = {
      status: 421,
      body: '{"__type":"InvalidEndpointException","message":"moved"}',
    };
    let answers = 0;
    const server = await startServer(t, (request) => {
      if (!isDiscovery(request)) return request.host === "new.example" ? rows : invalid;
      return endpoint(answers++ === 0 ? cell : "new.example");
    });
    const client = clientOf(t, "timestream-query", server);
    const output = await client.call("Query", query);
    assert.equal(output["QueryId"], "q");
    assert.deepEqual(server.requests.map(isDiscovery), [true, false, true, false]);

    const lost = await startServer(t, (request) =>
      isDiscovery(request) ? endpoint(cell) : invalid,
    );
    const call = clientOf(t, "timestream-query", lost).call("Query", query);
    await assert.rejects(call, { name: "InvalidEndpointException" });
    assert.deepEqual(lost.requests.map(isDiscovery), [true, false, true, false]);
  });

  test("keep the old endpoint when asking fails", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 10, 21) });
    let answers = 0;
    const server = await startServer(t, (request) => {
      if (!isDiscovery(request)) return rows;
      return answers++ === 0 ? endpoint(cell, 5) : { status: 400 };
    });
    const client = clientOf(t, "timestream-query", server);
    await client.call("Query", query);
    t.mock.timers.setTime(Date.UTC(2026, 10, 21, 0, 6));
    await client.call("Query", query);
    assert.equal(server.requests.at(-1)?.host, cell);
  });

  test("fail when there is none", async (t) => {
    const server = await startServer(t, () => ({ body: '{"Endpoints":[]}' }));
    const call = clientOf(t, "timestream-write", server).call("ListDatabases", {});
    await assert.rejects(call, { name: "EndpointError", message: /names no endpoint/ });
  });

  test("do not ask a configured endpoint", async (t) => {
    const server = await startServer(t, () => rows);
    const client = clientOf(t, "timestream-query", server, { endpoint: server.url });
    await client.call("Query", query);
    assert.deepEqual(server.requests.map(isDiscovery), [false]);
  });
});
