import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { parseBatchLine, readBatch } from "./batch-lines.ts";
import { UsageError } from "./usage-error.ts";

const none = {
  functionName: "",
  qualifier: undefined,
  type: "RequestResponse",
  clientContext: undefined,
};

describe("parseBatchLine()", () => {
  test("takes the call that a line describes", () => {
    const line =
      '{"FunctionName":"f","Payload":{"a":[1]},"Qualifier":"7","InvocationType":"Event","ClientContext":{"b":2}}';
    assert.deepEqual(parseBatchLine(line, 1, none), {
      FunctionName: "f",
      Payload: '{"a":[1]}',
      Qualifier: "7",
      InvocationType: "Event",
      ClientContext: Buffer.from('{"b":2}').toString("base64"),
    });
  });

  test("takes the rest from the options", () => {
    const defaults = { functionName: "f", qualifier: "1", type: "Event", clientContext: '{"c":3}' };
    assert.deepEqual(parseBatchLine('{"Payload":null}', 1, defaults), {
      FunctionName: "f",
      Payload: "null",
      Qualifier: "1",
      InvocationType: "Event",
      ClientContext: Buffer.from('{"c":3}').toString("base64"),
    });
  });

  for (const [line, reason] of [
    ["{", /line 3 of the batch: it is no JSON/],
    ["[]", /no JSON object/],
    ["null", /no JSON object/],
    ["{}", /no FunctionName, and FUNCTION is not given/],
    ['{"FunctionName":"f","payload":1}', /"?'?payload'?"? is none of FunctionName, Payload/],
    ['{"FunctionName":1}', /FunctionName is no string/],
  ] as const) {
    test(`refuses ${line}`, () => {
      assert.throws(
        () => parseBatchLine(line, 3, none),
        (error: unknown) => error instanceof UsageError && reason.test(error.message),
      );
    });
  }
});

describe("readBatch()", () => {
  test("skips empty lines and counts them", async () => {
    const stdin = Readable.from(['{"FunctionName":"a"}\n\r\n  \n{"FunctionName":"b"}\n[]\n']);
    const names: string[] = [];
    await assert.rejects(async () => {
      for await (const { FunctionName } of readBatch("-", stdin, none)) names.push(FunctionName);
    }, /line 5 of the batch/);
    assert.deepEqual(names, ["a", "b"]);
  });

  test("says which file cannot be read, and why", async () => {
    const calls = readBatch("no/such/file.jsonl", Readable.from([]), none);
    await assert.rejects(calls.next(), /Cannot read batch .*file\.jsonl.*no such file/);
  });
});
