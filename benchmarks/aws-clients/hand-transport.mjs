// Hand-signed requests on the transport of @lambdad/aws, from its source: a package has no door to it.
import { handSigned } from "./hand-signed.mjs";

const source = new URL("../../packages/aws/src/transport/http-transport.ts", import.meta.url);

export async function open({ endpoint }) {
  const { HttpTransport } = await import(source.href);
  const transport = new HttpTransport({
    maxConnections: 128,
    connectTimeoutMs: 3_100,
    keepAliveTimeoutMs: 4_000,
  });
  const { protocol, hostname, port, host } = new URL(endpoint);
  const origin = { protocol, host: hostname, port: Number(port), hostHeader: host };
  const send = ({ method, path, headers, body }, done) => {
    let status = 0;
    let answer;
    let whole;
    let filled = 0;
    const request = {
      method,
      path,
      headers,
      body,
      expectContinue: false,
      headTimeoutMs: 60_000,
      bodyTimeoutMs: 60_000,
    };
    transport.send(origin, request, {
      onHead(code, received, length) {
        status = code;
        answer = received;
        whole = Buffer.allocUnsafe(length ?? 0);
      },
      onData(piece) {
        // The memory of the piece is the transport's again after this call.
        filled += piece.copy(whole, filled);
      },
      onEnd() {
        done(undefined, status, answer, whole);
      },
      onError(error) {
        done(error);
      },
    });
  };
  return { call: handSigned({ endpoint, send }), close: async () => transport.close() };
}
