/**
 * Methods that are known: those of RFC 9110, and the registered extensions that `node:http` parses.
 * Any other is refused before a handler sees it.
 */
export const METHODS: ReadonlySet<string> = new Set(
  (
    "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY " +
    "MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND " +
    "REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE"
  ).split(" "),
);

/** Whether a body is against the meaning of the method, so that hardly any is read. */
export function isBodilessMethod(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "DELETE";
}
