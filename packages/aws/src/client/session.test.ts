import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Session } from "./session.ts";

const options = { region: "us-east-1", credentials: false, environment: {} } as const;

describe("Session.client()", () => {
  test("a client's endpoint wins over the session's, by either of its names", async () => {
    const [ours, theirs] = ["http://client.test", "http://session.test"];
    for (const session of [{ endpoint: theirs }, { endpointUrl: theirs }]) {
      for (const client of [{ endpoint: ours }, { endpointUrl: ours }]) {
        await using sqs = new Session({ ...options, ...session }).client("sqs", client);
        assert.equal(await sqs.meta.endpoint(), ours);
      }
      await using sqs = new Session({ ...options, ...session }).client("sqs", {
        endpoint: undefined,
        endpointUrl: undefined,
      });
      assert.equal(await sqs.meta.endpoint(), theirs);
    }
  });
});
