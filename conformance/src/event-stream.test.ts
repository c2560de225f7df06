import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEventStream, readStreamedResult } from "./event-stream.ts";

// The test vectors of the wire contract (invoke-api §5), accepted by botocore's decoder.
const chunk =
  "0000006c0000005ab25efdcf0b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e7468691162e469";
const complete =
  "00000066000000541f56c8690b3a6576656e742d7479706507000e496e766f6b65436f6d706c6574650d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b7d7006d467";

test("readStreamedResult() joins the chunks before InvokeComplete", () => {
  const bytes = Buffer.from(chunk + chunk + complete, "hex");
  assert.deepEqual(readStreamedResult(bytes), { payload: Buffer.from("hihi"), complete: {} });
});

test("readStreamedResult() refuses a stream that has no single ending", () => {
  for (const text of ["", chunk, complete + chunk, complete + complete]) {
    assert.throws(() => readStreamedResult(Buffer.from(text, "hex")), /Cannot read the stream/);
  }
});

test("decodeEventStream() refuses a wrong checksum and a cut message", () => {
  const bytes = Buffer.from(chunk, "hex");
  const wrong = Buffer.from(bytes);
  wrong[80] = (wrong[80] ?? 0) ^ 1;
  assert.throws(() => decodeEventStream(wrong), /checksum is wrong/);
  assert.throws(() => decodeEventStream(bytes.subarray(0, -1)), /ends in a message/);
});
