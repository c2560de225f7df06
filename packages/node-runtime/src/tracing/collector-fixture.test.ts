// A stand-in for a collector of OTLP over HTTP: takes what is sent and reads it with a reader of its own.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A span as it came over the wire. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** 2: an error. */
  readonly status: number;
  readonly durationNs: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

export class Collector {
  readonly spans: ReceivedSpan[] = [];
  requests = 0;
  /** What it answers. */
  status = 200;
  readonly #server = createServer((request, response) => void this.#take(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  span(name: string): ReceivedSpan {
    const found = this.spans.filter((span) => span.name === name);
    if (found.length !== 1) throw new Error(`${found.length} spans are named '${name}'`);
    return found[0] as ReceivedSpan;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const body = Buffer.from(await text(request.setEncoding("latin1")), "latin1");
    if (request.method !== "POST" || request.url !== "/v1/traces") response.statusCode = 404;
    else response.statusCode = this.status;
    if (response.statusCode === 200) this.spans.push(...spansOf(body));
    response.setHeader("content-type", "application/x-protobuf");
    response.end();
  }
}

/** Runs with these variables in the environment, which the SDK reads itself. */
export function setVariables(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}

type Field = readonly [number: number, value: bigint | Buffer];

/** ExportTraceServiceRequest of opentelemetry-proto 1.7, as far as the tests look at it. */
function spansOf(request: Buffer): readonly ReceivedSpan[] {
  const spans: ReceivedSpan[] = [];
  for (const resourceSpans of messages(request, 1)) {
    const resource = attributesOf(messages(resourceSpans, 1)[0] ?? Buffer.alloc(0), 1);
    for (const scopeSpans of messages(resourceSpans, 2)) {
      for (const span of messages(scopeSpans, 2)) spans.push(spanOf(span, resource));
    }
  }
  return spans;
}

function spanOf(span: Buffer, resource: ReceivedSpan["resource"]): ReceivedSpan {
  const fields = new Map(fieldsOf(span));
  const bytes = (number: number) => (fields.get(number) ?? Buffer.alloc(0)) as Buffer;
  const number = (field: number) => (fields.get(field) ?? 0n) as bigint;
  const status = new Map(fieldsOf(bytes(15)));
  return {
    traceId: bytes(1).toString("hex"),
    spanId: bytes(2).toString("hex"),
    parentSpanId: bytes(4).toString("hex"),
    name: bytes(5).toString(),
    kind: Number(number(6)),
    durationNs: number(8) - number(7),
    attributes: attributesOf(span, 9),
    status: Number(status.get(3) ?? 0n),
    resource,
  };
}

function attributesOf(message: Buffer, number: number): Readonly<Record<string, unknown>> {
  const entries = messages(message, number).map((entry) => {
    const [name, value] = [messages(entry, 1)[0], messages(entry, 2)[0]];
    const [field, raw] = fieldsOf(value ?? Buffer.alloc(0))[0] ?? [0, 0n];
    if (field === 1) return [String(name), String(raw)];
    return [String(name), field === 2 ? raw === 1n : Number(raw)];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function messages(message: Buffer, number: number): readonly Buffer[] {
  return fieldsOf(message)
    .filter(([field]) => field === number)
    .map(([, value]) => value as Buffer);
}

function fieldsOf(message: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let offset = 0;
  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(offset++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  while (offset < message.length) {
    const tag = Number(varint());
    const [number, type] = [tag >> 3, tag & 7];
    if (type === 0) fields.push([number, varint()]);
    else if (type === 1) fields.push([number, message.readBigUInt64LE((offset += 8) - 8)]);
    else if (type === 5) fields.push([number, BigInt(message.readUInt32LE((offset += 4) - 4))]);
    else if (type === 2) {
      const length = Number(varint());
      fields.push([number, message.subarray(offset, (offset += length))]);
    } else throw new Error(`Wire type ${type}`);
  }
  return fields;
}
