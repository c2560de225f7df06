import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { brokerUri } from "@lambdad/testkit";
import { parseBrokerUri } from "../broker/parse-broker-uri.ts";

/** Bits of the properties of a message, as they stand before them. */
export const propertyFlags = {
  contentType: 0x80_00,
  headers: 0x20_00,
  deliveryMode: 0x10_00,
  priority: 0x08_00,
  correlationId: 0x04_00,
  replyTo: 0x02_00,
  timestamp: 0x00_40,
  clusterId: 0x00_04,
} as const;

const frameEnd = 0xce;

/** Publishes messages byte by byte: also those that no client library would write. */
export class RawPublisher {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => (this.#received = Buffer.concat([this.#received, bytes])));
    socket.on("error", () => undefined);
  }

  static async connect(t: TestContext): Promise<RawPublisher> {
    const { host, port, username, password } = parseBrokerUri(await brokerUri());
    const socket = connect(port, host);
    t.after(() => socket.destroy());
    const raw = new RawPublisher(socket);
    socket.write("AMQP\0\0\u0009\u0001");
    await raw.#method(10, 10);
    const login = longString(`\0${username}\0${password}`);
    const mechanism = [longString(""), shortString("PLAIN"), login, shortString("en_US")];
    raw.#send(1, 0, [ids(10, 11), ...mechanism]);
    const tune = await raw.#method(10, 30);
    // As the broker proposes, without a heartbeat.
    raw.#send(1, 0, [ids(10, 31), tune.subarray(4, 10), Buffer.alloc(2)]);
    raw.#send(1, 0, [ids(10, 40), shortString("/"), shortString(""), Buffer.alloc(1)]);
    await raw.#method(10, 41);
    return raw;
  }

  /**
   * Publishes to a queue. Resolves when the broker has read it.
   *
   * @throws {Error} with the broker's words, when it refuses the message.
   */
  async publish(
    queue: string,
    flags: number,
    properties: readonly Buffer[],
    body = "1",
  ): Promise<void> {
    this.#send(1, 1, [ids(20, 10), shortString("")]);
    await this.#method(20, 11);
    this.#send(1, 1, [
      ids(60, 40),
      Buffer.alloc(2),
      shortString(""),
      shortString(queue),
      Buffer.alloc(1),
    ]);
    const head = Buffer.alloc(14);
    head.writeUInt16BE(60, 0);
    head.writeBigUInt64BE(BigInt(body.length), 4);
    head.writeUInt16BE(flags, 12);
    this.#send(2, 1, [head, ...properties]);
    this.#send(3, 1, [Buffer.from(body)]);
    const reason = [Buffer.from([0, 200]), shortString("done"), Buffer.alloc(4)];
    this.#send(1, 1, [ids(20, 40), ...reason]);
    await this.#method(20, 41);
  }

  #send(type: number, channel: number, parts: readonly Buffer[]): void {
    const payload = Buffer.concat(parts);
    const head = Buffer.alloc(7);
    head.writeUInt8(type, 0);
    head.writeUInt16BE(channel, 1);
    head.writeUInt32BE(payload.length, 3);
    this.#socket.write(Buffer.concat([head, payload, Buffer.from([frameEnd])]));
  }

  /** The next method frame, which must be this one. */
  async #method(classId: number, methodId: number): Promise<Buffer> {
    const frame = await this.#frame();
    if (frame.readUInt16BE(0) === classId && frame.readUInt16BE(2) === methodId) return frame;
    // Connection.Close and Channel.Close: a code and a text.
    throw new Error(`The broker said: ${frame.toString("latin1", 7, 7 + (frame[6] ?? 0))}`);
  }

  async #frame(): Promise<Buffer> {
    for (;;) {
      const bytes = this.#received;
      const size = bytes.length < 7 ? Infinity : bytes.readUInt32BE(3);
      if (bytes.length >= size + 8) {
        this.#received = bytes.subarray(size + 8);
        return bytes.subarray(7, 7 + size);
      }
      if (this.#socket.destroyed) throw new Error("The broker has ended the connection");
      await Promise.race([once(this.#socket, "data"), once(this.#socket, "close")]);
    }
  }
}

export function shortString(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

export function longString(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A table; each value begins with the letter of its type. */
export function table(
  ...fields: readonly (readonly [name: string | Buffer, value: Buffer])[]
): Buffer {
  return longString(Buffer.concat(fields.flatMap(([name, value]) => [shortString(name), value])));
}

/** A value of a table: its type, and its bytes. */
export function field(type: string, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), bytes]);
}

function ids(classId: number, methodId: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(classId, 0);
  bytes.writeUInt16BE(methodId, 2);
  return bytes;
}
