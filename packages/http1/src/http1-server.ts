import type { Http1ServerOptions } from "./server-options.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** An HTTP/1.1 server over `node:net`. */
export class Http1Server {
  constructor(_options: Http1ServerOptions) {}

  /** @returns the address and port that it listens on. */
  listen(_options: ListenOptions): Promise<{ host: string; port: number }> {
    throw new Error("not built yet");
  }

  /** Stops accepting; connections end when their current exchange is done. Resolves when all have. */
  close(): Promise<void> {
    throw new Error("not built yet");
  }

  /** Ends every connection now. */
  destroy(): void {
    throw new Error("not built yet");
  }

  /** Open connections. */
  get connections(): number {
    throw new Error("not built yet");
  }
}
