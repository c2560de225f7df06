import type { FieldLines } from "./field-lines.ts";

/** The head of a request, checked: what it asks for, and how its body is framed. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: FieldLines;
  /** 0 when there is no body; `undefined` when it is chunked. */
  readonly contentLength: number | undefined;
  /** Whether the connection may serve another request: HTTP/1.1 without `Connection: close`. */
  readonly keepAlive: boolean;
  readonly http10: boolean;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
}
