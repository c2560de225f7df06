import type { BodyReceiver } from "./exchange.ts";
import { latin1 } from "./memory-socket.test.ts";

export const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
export const OK = "HTTP/1.1 200 OK\r\nDate: then\r\nContent-Length: 0\r\n\r\n";
export const OK_CLOSE =
  "HTTP/1.1 200 OK\r\nDate: then\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
export const SWEEP_MS = 1000;

export function post(length: number, ...lines: readonly string[]): string {
  const more = lines.map((line) => `${line}\r\n`).join("");
  return `POST /p HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${length}\r\n\r\n`;
}

export function chunkedPost(method = "POST"): string {
  return `${method} /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`;
}

/** The reply by which the server itself refuses, with this status and reason. */
export function refusal(line: string): string {
  return `HTTP/1.1 ${line}\r\nDate: then\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
}

export function recorder(): BodyReceiver & { readonly log: string[] } {
  const log: string[] = [];
  return {
    log,
    data: (chunk) => log.push(latin1(chunk)),
    end: () => log.push("<end>"),
    aborted: (reason) => log.push(`<aborted: ${reason}>`),
  };
}

export function sweepFor(connection: { sweep(sweepMs: number): void }, ms: number): void {
  for (let waited = 0; waited <= ms; waited += SWEEP_MS) connection.sweep(SWEEP_MS);
}
