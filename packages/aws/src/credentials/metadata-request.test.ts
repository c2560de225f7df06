import assert from "node:assert/strict";
import { test } from "node:test";
import { metadataRequest } from "./metadata-request.ts";

test("metadataRequest() leaves nothing behind for a header that cannot be sent", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const request = { url: new URL("http://127.0.0.1:1/"), headers: { a: "\n" }, timeoutMs: 1000 };
  await assert.rejects(metadataRequest(request), { code: "ERR_INVALID_CHAR" });
  // A timer that was left would throw here: it has no request to end.
  t.mock.timers.tick(2000);
});
