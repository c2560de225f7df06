import assert from "node:assert/strict";
import { test } from "node:test";
import { authorizeWithBearer } from "./bearer.ts";

test("authorizeWithBearer() appends the header", () => {
  const headers = ["host", "h"];
  authorizeWithBearer(headers, "a.b-c_d~e+f/g=");
  assert.deepEqual(headers, ["host", "h", "authorization", "Bearer a.b-c_d~e+f/g="]);
});

for (const token of ["", "secret word", "secret\r\nx: y", "secreté", "secret\n"]) {
  test(`authorizeWithBearer() refuses ${JSON.stringify(token)} and does not quote it`, () => {
    const headers: string[] = [];
    assert.throws(
      () => authorizeWithBearer(headers, token),
      (error) => error instanceof TypeError && !error.message.includes("secret"),
    );
    assert.deepEqual(headers, []);
  });
}
