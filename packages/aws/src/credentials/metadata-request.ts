/** A request to a credential service of the machine. */
export interface MetadataRequest {
  readonly method?: "GET" | "PUT" | undefined;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For the connection, and again for the whole answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** What it answered. */
export interface MetadataResponse {
  readonly status: number;
  readonly text: string;
}

/** Why there is no answer. */
export class MetadataFailure extends Error {
  override readonly name = "MetadataFailure";
  /** The service had accepted a connection: it exists, and does not answer. */
  readonly connected: boolean;

  constructor(message: string, connected: boolean) {
    super(message);
    this.connected = connected;
  }
}

const RESPONSE_BYTES_MAX = 65_536;

/**
 * Sends a request over a connection of its own, past every proxy.
 * @throws MetadataFailure without an answer, or with one of more than 64 KiB.
 */
export async function metadataRequest(request: MetadataRequest): Promise<MetadataResponse> {
  const { url, method = "GET", headers, timeoutMs } = request;
  const { request: send } =
    url.protocol === "https:" ? await import("node:https") : await import("node:http");
  return new Promise((resolve, reject) => {
    let connected = false;
    let timer: NodeJS.Timeout | undefined;
    const sent = send(url, { method, headers: { ...headers }, agent: false });
    const fail = (reason: string): void => {
      clearTimeout(timer);
      reject(new MetadataFailure(`${url.host} ${reason}`, connected));
      sent.destroy();
    };
    const expired = (): void =>
      fail(`did not ${connected ? "answer" : "accept a connection"} within ${timeoutMs} ms`);
    // Not before there is a request: `send` throws for a header that cannot be sent.
    timer = setTimeout(expired, timeoutMs);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > RESPONSE_BYTES_MAX) fail(`sent more than ${RESPONSE_BYTES_MAX} bytes`);
        else chunks.push(chunk);
      });
      response.on("error", (error) => fail(`broke off (${error.message})`));
      response.on("end", () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.on("socket", (socket) => {
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
        connected = true;
        clearTimeout(timer);
        timer = setTimeout(expired, timeoutMs);
      });
    });
    sent.on("error", (error: NodeJS.ErrnoException) =>
      fail(`failed (${error.code ?? error.message})`),
    );
    sent.end();
  });
}
