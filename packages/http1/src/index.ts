export type { BodyReceiver, Connection, Exchange, ReplyBody, RequestHeaders } from "./exchange.ts";
export { Http1Server } from "./http1-server.ts";
export type { Http1ServerOptions } from "./server-options.ts";
