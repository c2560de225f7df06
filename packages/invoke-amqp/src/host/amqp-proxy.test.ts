import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { parseBrokerUri } from "../broker/parse-broker-uri.ts";

export interface AmqpProxyOptions {
  /** What the broker calls its version, and what the proxy makes of it: as many characters. */
  readonly version?: readonly [actual: string, shown: string];
  /** Refuses queues that are neither durable nor exclusive, as RabbitMQ 4.3 does. */
  readonly refusesTransient?: boolean;
}

export interface DeclaredQueueFlags {
  readonly queue: string;
  readonly passive: boolean;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
}

const refusalText =
  "INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated. By default, this feature is not permitted anymore.";

/** Between a client and a broker: reads what queues are declared, and plays a newer broker. */
export class AmqpProxy {
  readonly declared: DeclaredQueueFlags[] = [];
  refusals = 0;
  /** Exchanges declared, also those that are only asked for. */
  exchanges = 0;
  readonly #options: AmqpProxyOptions;
  #port = 0;

  private constructor(options: AmqpProxyOptions) {
    this.#options = options;
  }

  static async start(
    t: TestContext,
    target: string,
    options: AmqpProxyOptions = {},
  ): Promise<AmqpProxy> {
    const proxy = new AmqpProxy(options);
    const { host, port } = parseBrokerUri(target);
    const sockets = new Set<Socket>();
    const server = createServer((client) => {
      const broker = connect(port, host);
      for (const socket of [client, broker]) {
        sockets.add(socket);
        socket.on("error", () => undefined);
      }
      client.on("close", () => broker.destroy());
      broker.on("close", () => client.destroy());
      broker.on("data", (bytes: Buffer) => client.write(proxy.#shown(bytes)));
      proxy.#follow(client, broker);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    proxy.#port = (server.address() as AddressInfo).port;
    t.after(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return proxy;
  }

  get uri(): string {
    return `amqp://127.0.0.1:${this.#port}`;
  }

  /** What the broker says, with the other version in it. */
  #shown(bytes: Buffer): Buffer {
    const { version } = this.#options;
    if (version === undefined) return bytes;
    const at = bytes.indexOf(version[0]);
    if (at !== -1) bytes.write(version[1], at);
    return bytes;
  }

  /** Passes what the client says on, frame by frame. */
  #follow(client: Socket, broker: Socket): void {
    // The greeting is no frame.
    let greeting = 8;
    let rest: Buffer = Buffer.alloc(0);
    client.on("data", (bytes: Buffer) => {
      broker.write(bytes.subarray(0, greeting));
      rest = Buffer.concat([rest, bytes.subarray(greeting)]);
      greeting = Math.max(0, greeting - bytes.length);
      while (rest.length >= 7 && rest.length >= rest.readUInt32BE(3) + 8) {
        const size = rest.readUInt32BE(3) + 8;
        const frame = rest.subarray(0, size);
        rest = rest.subarray(size);
        if (this.#refuses(frame)) client.write(closeFrame(541, refusalText));
        else broker.write(frame);
      }
    });
  }

  #refuses(frame: Buffer): boolean {
    const method = frame[0] === 1 ? frame.readUInt32BE(7) : 0;
    if (method === 0x00_28_00_0a) this.exchanges += 1;
    if (method !== 0x00_32_00_0a) return false;
    const length = frame.readUInt8(13);
    const bits = frame.readUInt8(14 + length);
    const flags = {
      queue: frame.toString("utf8", 14, 14 + length),
      passive: (bits & 1) !== 0,
      durable: (bits & 2) !== 0,
      exclusive: (bits & 4) !== 0,
      autoDelete: (bits & 8) !== 0,
    };
    this.declared.push(flags);
    const isTransient = !flags.passive && !flags.durable && !flags.exclusive;
    if (this.#options.refusesTransient !== true || !isTransient) return false;
    this.refusals += 1;
    return true;
  }
}

/** Connection.Close. */
function closeFrame(code: number, text: string): Buffer {
  const payload = Buffer.alloc(4 + 2 + 1 + text.length + 4);
  payload.writeUInt32BE(0x00_0a_00_32, 0);
  payload.writeUInt16BE(code, 4);
  payload.writeUInt8(text.length, 6);
  payload.write(text, 7);
  const head = Buffer.from([1, 0, 0, 0, 0, 0, payload.length]);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}
