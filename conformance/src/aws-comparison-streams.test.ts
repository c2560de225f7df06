// Event streams of outputs through the official SDK and through ours: the same events, the same errors.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { comparedRequest } from "./aws-comparison/compare-requests.ts";
import { openClients } from "./aws-comparison/compared-clients.ts";
import { plainValue } from "./aws-comparison/plain-value.ts";
import { RecordingServer } from "./aws-comparison/recording-server.ts";
import { comparedServices } from "./aws-comparison/services.ts";
import { writeEventStream, type WrittenMessage } from "./aws-comparison/write-event-stream.ts";
import { nodeSdk } from "./install/parts.ts";
import { prepare } from "./prepare.ts";

const sdk = await prepare(nodeSdk);

function event(type: string, contentType: string, payload: string | Buffer): WrittenMessage {
  const headers = {
    ":event-type": type,
    ...(contentType === "" ? {} : { ":content-type": contentType }),
    ":message-type": "event",
  };
  return { headers, payload };
}

const bytes = Buffer.from([0, 1, 2, 250, 255]);
const octets = "application/octet-stream";
const complete = '{"ErrorCode":"Unhandled","ErrorDetails":"ü midway","LogResult":"bG9n"}';
const stats =
  "<Stats><BytesScanned>512</BytesScanned><BytesProcessed>512</BytesProcessed><BytesReturned>100</BytesReturned></Stats>";

interface StreamCase {
  readonly name: string;
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Member of the output that is the stream. */
  readonly member: string;
  readonly messages: readonly WrittenMessage[];
  /** The stream ends in an error. */
  readonly fails?: boolean;
  /** Bytes that are missing at the end. */
  readonly cut?: number;
}

const invoke = {
  service: "lambda",
  operation: "InvokeWithResponseStream",
  input: { FunctionName: "comparison", Payload: Buffer.from("{}") },
  member: "EventStream",
} as const;

const select = {
  service: "s3",
  operation: "SelectObjectContent",
  input: {
    Bucket: "comparison-bucket",
    Key: "key",
    Expression: "SELECT * FROM S3Object s WHERE s.a < 1",
    ExpressionType: "SQL",
    InputSerialization: { CSV: { FileHeaderInfo: "USE" }, CompressionType: "NONE" },
    OutputSerialization: { JSON: { RecordDelimiter: "\n" } },
  },
  member: "Payload",
} as const;

const cases: readonly StreamCase[] = [
  {
    ...invoke,
    name: "chunks and their end",
    messages: [
      event("PayloadChunk", octets, bytes),
      event("PayloadChunk", octets, ""),
      event("PayloadChunk", octets, Buffer.alloc(100_000, "x")),
      event("InvokeComplete", "application/json", complete),
    ],
  },
  { ...invoke, name: "no event at all", messages: [] },
  {
    ...invoke,
    name: "a message that is cut",
    messages: [event("PayloadChunk", octets, bytes), event("PayloadChunk", octets, bytes)],
    cut: 3,
    fails: true,
  },
  {
    ...select,
    name: "records, progress and statistics in XML",
    messages: [
      event("Records", octets, '{"a":0}\n'),
      event("Cont", "", ""),
      event("Progress", "text/xml", stats.replaceAll("Stats", "Progress")),
      event("Stats", "text/xml", stats),
      event("End", "", ""),
    ],
  },
  {
    ...select,
    name: "an error in the middle",
    messages: [
      event("Records", octets, '{"a":0}\n'),
      {
        headers: {
          ":message-type": "error",
          ":error-code": "InternalError",
          ":error-message": "We encountered an internal error",
        },
        payload: "",
      },
    ],
    fails: true,
  },
];

describe("event streams", { skip: sdk === undefined }, () => {
  let server: RecordingServer;

  before(async () => {
    server = await RecordingServer.start();
  });
  after(() => server.stop());

  for (const one of cases) {
    for (const generateCode of [true, false]) {
      const { service: name, operation, input, member, messages, cut = 0 } = one;
      const backEnd = generateCode ? "generated code" : "closures";
      test(`${name} ${operation}: ${one.name}, ${backEnd}`, async () => {
        const service = comparedServices.find((candidate) => candidate.name === name);
        assert.ok(service !== undefined);
        const endpoint = `http://127.0.0.1:${server.port}`;
        const clients = openClients(sdk ?? "", service, { endpoint, generateCode });
        try {
          const whole = writeEventStream(messages);
          const response = {
            status: 200,
            headers: { "content-type": "application/vnd.amazon.eventstream" },
            body: whole.subarray(0, whole.length - cut),
          };
          const read = async (call: ((value: typeof input) => Promise<unknown>) | undefined) => {
            assert.ok(call !== undefined);
            const { requests, outcome } = await server.record(response, async () =>
              readAll(await call(input), member),
            );
            assert.equal(requests.length, 1);
            const request = requests.map((sent) => comparedRequest(sent, name));
            const end = outcome.kind === "returned" ? outcome.value : String(outcome.error);
            return { request, end };
          };
          const [ours, theirs] = [
            await read(clients.ours(operation)),
            await read(clients.theirs(operation)),
          ];
          assert.deepEqual(ours, theirs);
          const { failed } = theirs.end as { readonly failed: boolean };
          assert.equal(failed, one.fails === true);
        } finally {
          await clients.close();
        }
      });
    }
  }
});

/** The events so far, and whether an error ended them. */
async function readAll(
  output: unknown,
  member: string,
): Promise<{ readonly events: readonly unknown[]; readonly failed: boolean }> {
  const events: unknown[] = [];
  const stream = (output as Record<string, AsyncIterable<unknown>>)[member];
  try {
    for await (const one of stream ?? []) events.push(plainValue(one));
  } catch {
    return { events, failed: true };
  }
  return { events, failed: false };
}
