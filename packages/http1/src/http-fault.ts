/** Why the server refuses a request by itself: the status it answers and one sentence for the log. */
export interface HttpFault {
  readonly status: 400 | 405 | 408 | 413 | 417 | 431 | 500 | 501 | 503;
  readonly reason: string;
}

/** A request that is not HTTP as RFC 9112 has it. */
export function badRequest(reason: string): HttpFault {
  return { status: 400, reason };
}
