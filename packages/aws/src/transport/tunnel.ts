import type { Socket } from "node:net";
import { address } from "./failures.ts";
import { HeadBlock } from "./head-block.ts";
import { newResponseHead, parseHead } from "./response-head.ts";
import type { Origin } from "./transport.ts";

/** Asks a proxy for a tunnel to an origin (RFC 9110 §9.3.6); the socket is ready for TLS when it is there. */
export function openTunnel(
  socket: Socket,
  origin: Origin,
  lines: string,
  callback: (error: unknown) => void,
): void {
  const block = new HeadBlock();
  block.reset(true);
  const end = (error: unknown): void => {
    socket.off("data", onData);
    socket.off("end", onEnd);
    if (error === undefined) socket.pause();
    callback(error);
  };
  const onEnd = (): void => end(proxyError("it closed the connection"));
  const onData = (chunk: Buffer): void => {
    const stop = block.read(chunk, 0, chunk.length);
    if (stop < 0) return end(proxyError("its answer is too long"));
    if (block.text === undefined) return;
    const head = newResponseHead();
    const problem = parseHead(block.text, head);
    if (problem !== undefined) return end(proxyError(problem));
    if (head.status >= 100 && head.status < 200) {
      return end(proxyError(`it answered ${head.status}`));
    }
    if (head.status >= 300) return end(proxyError(`it answered ${head.status}`));
    // The origin speaks second in TLS: bytes that are here already are not its own.
    end(stop < chunk.length ? proxyError("it sent bytes before it was asked to") : undefined);
  };
  socket.on("data", onData);
  socket.on("end", onEnd);
  const target = address(origin);
  socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${lines}\r\n`, "latin1");
}

function proxyError(reason: string): Error {
  return Object.assign(new Error(`it opened no tunnel: ${reason}; check its URL and credentials`), {
    code: "EPROXY",
  });
}
