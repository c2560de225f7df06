import { once } from "node:events";
import { connect } from "node:net";

export interface ProbeOptions {
  /** Default 2000. */
  readonly timeoutMs?: number;
}

const protocolHeader = Buffer.from("AMQP\0\0\u0009\u0001", "latin1");
const frameHeaderBytes = 7;
const frameEnd = 0xce;
const defaultPort = 5672;

/**
 * Whether a broker answers there and lets the URI's user in (`guest` without one). AMQP 0-9-1 as far as
 * `connection.tune`, which a broker sends after a successful login. Resolves with false for everything
 * else, also for `amqps`; never throws.
 */
export async function brokerAnswers(uri: string, options: ProbeOptions = {}): Promise<boolean> {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol !== "amqp:") return false;
  const signal = AbortSignal.timeout(options.timeoutMs ?? 2_000);
  const host = url.hostname === "" ? "localhost" : url.hostname;
  const socket = connect(url.port === "" ? defaultPort : Number(url.port), host);
  let received = Buffer.alloc(0);
  /** Class and method of the next frame; it is taken from `received`. */
  const nextMethod = async (): Promise<string> => {
    for (;;) {
      const end = received.length < frameHeaderBytes ? Infinity : received.readUInt32BE(3) + 8;
      if (received.length >= end) {
        const method = `${received.readUInt16BE(7)}.${received.readUInt16BE(9)}`;
        received = received.subarray(end);
        return method;
      }
      const [piece] = (await once(socket, "data", { signal })) as [Buffer];
      received = Buffer.concat([received, piece]);
    }
  };
  try {
    await once(socket, "connect", { signal });
    socket.write(protocolHeader);
    if ((await nextMethod()) !== "10.10") return false;
    socket.write(startOk(url.username, url.password));
    return (await nextMethod()) === "10.30";
  } catch {
    return false;
  } finally {
    socket.on("error", () => {});
    socket.destroy();
  }
}

/** `connection.start-ok` with PLAIN. */
function startOk(username: string, password: string): Buffer {
  const user = username === "" ? "guest" : decodeURIComponent(username);
  const secret = username === "" ? "guest" : decodeURIComponent(password);
  const response = Buffer.from(`\0${user}\0${secret}`);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(response.length);
  const payload = Buffer.concat([
    Buffer.from([0, 10, 0, 11]),
    // No client properties.
    Buffer.alloc(4),
    Buffer.from("\u0005PLAIN"),
    size,
    response,
    Buffer.from("\u0005en_US"),
  ]);
  const header = Buffer.alloc(frameHeaderBytes);
  header[0] = 1;
  header.writeUInt32BE(payload.length, 3);
  return Buffer.concat([header, payload, Buffer.from([frameEnd])]);
}
