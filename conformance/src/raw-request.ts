import { connect } from "node:net";

/** What came back on one connection. */
export interface RawAnswer {
  readonly text: string;
  /** Status of the last answer that is no `100 Continue`; 0 when the connection just ended. */
  readonly status: number;
}

export interface RawOptions {
  /** The connection is reset after these bytes instead of waiting for an answer. */
  readonly leave?: boolean;
  /** Time until the connection counts as not answered. */
  readonly timeoutMs?: number;
}

/** Sends these very bytes and reads until the other side closes, or answers and goes quiet. */
export function rawRequest(
  invokeUrl: string,
  bytes: string | Buffer,
  options: RawOptions = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(invokeUrl);
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const socket = connect(Number(port), hostname);
  let text = "";
  const finish = (): void => {
    socket.destroy();
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
    resolve({ text, status: statuses.findLast((status) => status !== 100) ?? 0 });
  };
  socket.setTimeout(options.timeoutMs ?? 20_000, () => {
    socket.destroy();
    reject(new Error(`Cannot get an answer to the bytes: ${text}`));
  });
  socket.on("connect", () => {
    socket.write(bytes, () => {
      if (options.leave !== true) return;
      socket.resetAndDestroy();
      finish();
    });
  });
  socket.on("data", (piece: Buffer) => {
    text += piece.toString("latin1");
    if (isWhole(text)) finish();
  });
  socket.on("close", finish);
  socket.on("error", finish);
  return promise;
}

/** A head and as many bytes as its Content-Length says. */
function isWhole(text: string): boolean {
  const match = /(?:^|\r\n\r\n)HTTP\/1\.1 (?!100)[^]*?\r\n\r\n/.exec(text);
  if (match === null) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(match[0])?.[1];
  return length !== undefined && text.length >= match.index + match[0].length + Number(length);
}
