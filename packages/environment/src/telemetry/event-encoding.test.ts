import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { telemetryProblems } from "@lambdad/testkit";
import fc from "fast-check";
import type { LogFormat } from "../log/platform-log-line.ts";
import type { PlatformEvent, Status } from "../platform-event.ts";
import { eventTimeMs, platformEvents } from "../testdata/platform-events.ts";
import { encodeLine, encodePlatformEvent, type OutputLine } from "./event-encoding.ts";
import { type EventSchema, isLogsSchema } from "./event-schema.ts";

const telemetrySchemas: readonly EventSchema[] = ["2022-07-01", "2022-12-13", "2025-01-29"];
const logsSchemas: readonly EventSchema[] = ["2020-08-15", "2021-03-18"];
const schemas: readonly EventSchema[] = [...telemetrySchemas, ...logsSchemas];

function encode(event: PlatformEvent, schema: EventSchema): readonly unknown[] {
  return encodePlatformEvent(event, schema).map(({ json, bytes }) => {
    assert.equal(bytes, Buffer.byteLength(json));
    assert.ok(!json.includes("\n"));
    return JSON.parse(json);
  });
}

function typesOf(event: PlatformEvent, schema: EventSchema): readonly string[] {
  return encode(event, schema).map((encoded) => (encoded as { type: string }).type);
}

function allTypes(schema: EventSchema): readonly string[] {
  return Object.values(platformEvents).flatMap((event) => typesOf(event, schema));
}

describe("encodePlatformEvent()", () => {
  const statuses: readonly Status[] = ["success", "failure", "error", "timeout"];
  for (const event of Object.values(platformEvents)) {
    for (const schema of schemas) {
      test(`gives ${event.type} the form of ${schema}, whatever its status`, () => {
        const variants = "status" in event ? statuses.map((status) => ({ ...event, status })) : [];
        for (const variant of [event, ...variants] as PlatformEvent[]) {
          for (const encoded of encode(variant, schema)) {
            assert.deepEqual(telemetryProblems(encoded, schema), []);
          }
        }
      });
    }
  }

  test("tells of everything but faults and subscriptions of the Logs API in the Telemetry API", () => {
    for (const schema of telemetrySchemas) {
      for (const event of Object.values(platformEvents)) {
        const isOther =
          event.type === "platform.fault" || event.type === "platform.logsSubscription";
        assert.deepEqual(typesOf(event, schema), isOther ? [] : [event.type]);
      }
    }
  });

  test("gives the Logs API an end before each report, and no initialisation", () => {
    const expected = [
      "platform.restoreStart",
      "platform.restoreRuntimeDone",
      "platform.restoreReport",
      "platform.start",
      "platform.runtimeDone",
      "platform.end",
      "platform.report",
      "platform.fault",
      "platform.extension",
      "platform.logsSubscription",
      "platform.logsDropped",
    ];
    assert.deepEqual(allTypes("2021-03-18"), expected);
    assert.deepEqual(
      allTypes("2020-08-15"),
      expected.filter((type) => type !== "platform.runtimeDone"),
    );
  });

  test("tells of function and instance since 2022-12-13", () => {
    const [old] = encode(platformEvents.initStart, "2022-07-01");
    const [recent] = encode(platformEvents.initStart, "2022-12-13");
    const record = { initializationType: "on-demand", phase: "init" };
    assert.deepEqual(old, {
      time: "2026-02-18T11:19:29.112Z",
      type: "platform.initStart",
      record,
    });
    assert.deepEqual((recent as { record: unknown }).record, {
      ...record,
      functionName: "my-fn",
      functionVersion: "$LATEST",
      instanceId: "2026/02/18/[$LATEST]0f3c",
      instanceMaxMemory: 134_217_728,
    });
  });

  test("writes a fault as text, in the style of today", () => {
    assert.deepEqual(encode(platformEvents.fault, "2020-08-15"), [
      {
        time: "2026-02-18T11:19:29.112Z",
        type: "platform.fault",
        record: "RequestId: id-1 Status: error\tErrorType: Runtime.ExitError",
      },
    ]);
  });

  test("calls an error a failure in the Logs API", () => {
    const [event] = encode({ ...platformEvents.runtimeDone, status: "error" }, "2021-03-18");
    assert.deepEqual((event as { record: unknown }).record, {
      requestId: "id-1",
      status: "failure",
    });
  });
});

function line(text: string | Buffer): OutputLine {
  return { type: "function", timeMs: eventTimeMs, bytes: Buffer.from(text) };
}

function recordOf(text: string | Buffer, schema: EventSchema, format: LogFormat): unknown {
  const { json, bytes } = encodeLine(line(text), schema, format);
  assert.equal(bytes, Buffer.byteLength(json));
  const event = JSON.parse(json);
  assert.deepEqual(telemetryProblems(event, schema), []);
  return event.record;
}

describe("encodeLine()", () => {
  for (const schema of schemas) {
    for (const format of ["Text", "JSON"] as const) {
      const isObject = format === "JSON" && ["2022-12-13", "2025-01-29"].includes(schema);
      const form = isObject ? "an object" : "a text";
      test(`makes ${form} of a JSON object in ${schema} when the log is ${format}`, () => {
        const text = '{"level":"INFO","message":"hällo"}\n';
        assert.deepEqual(recordOf(text, schema, format), isObject ? JSON.parse(text) : text);
      });
    }
  }

  const texts: readonly string[] = [
    "plain\n",
    "\n",
    "",
    '"text"\n',
    "[1]\n",
    "null\n",
    '{"a":1} {"b":2}\n',
    '{"a":\n',
    "{}}\n",
  ];
  for (const text of texts) {
    test(`keeps a line that is no JSON object as text: ${JSON.stringify(text)}`, () => {
      assert.equal(recordOf(text, "2025-01-29", "JSON"), text);
    });
  }

  test("keeps the numbers of an object as they were written", () => {
    const { json } = encodeLine(line('{"id":12345678901234567890.10}\n'), "2025-01-29", "JSON");
    assert.ok(json.endsWith('"record":{"id":12345678901234567890.10}}'), json);
  });

  test("puts an object of several lines into one, as TCP needs", () => {
    const { json } = encodeLine(line('{\r\n "a": "b\\n"\n}\n'), "2025-01-29", "JSON");
    assert.ok(!/[\r\n]/.test(json));
    assert.deepEqual(JSON.parse(json).record, { a: "b\n" });
  });

  test("replaces bytes that are no UTF-8", () => {
    const bytes = Buffer.from([0x61, 0xff, 0xc3, 0x0a]);
    assert.equal(recordOf(bytes, "2025-01-29", "Text"), "a\ufffd\ufffd\n");
  });

  for (const timeMs of [Number.NaN, -1, 1e300, Number.POSITIVE_INFINITY]) {
    test(`writes a time also when it was ${timeMs}`, () => {
      const { json } = encodeLine({ ...line("x\n"), timeMs }, "2025-01-29", "Text");
      assert.deepEqual(telemetryProblems(JSON.parse(json), "2025-01-29"), []);
    });
  }

  test("gives JSON in one line, whatever the bytes", () => {
    const bytes = fc.oneof(
      fc.uint8Array().map((array) => Buffer.from(array)),
      fc.string({ unit: "binary" }).map((text) => Buffer.from(`${text}\n`)),
      fc.json().map((text) => Buffer.from(`${text}\n`)),
      fc
        .dictionary(fc.string(), fc.jsonValue())
        .map((value) => Buffer.from(JSON.stringify(value, undefined, 2))),
    );
    const any = fc.constantFrom(...schemas);
    const format = fc.constantFrom<LogFormat>("Text", "JSON");
    fc.assert(
      fc.property(bytes, any, format, (content, schema, logFormat) => {
        const { json } = encodeLine(line(content), schema, logFormat);
        assert.ok(!/[\r\n]/.test(json));
        const event = JSON.parse(json);
        assert.deepEqual(telemetryProblems(event, schema), []);
        if (logFormat === "Text" || isLogsSchema(schema)) {
          assert.equal(event.record, content.toString());
        }
      }),
    );
  });
});
