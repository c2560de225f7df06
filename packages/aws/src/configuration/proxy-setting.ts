import type { ProxyOptions } from "../transport/transport.ts";
import type { Environment } from "./shared-configuration.ts";

/**
 * The proxies: the option for all requests, or `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in lower
 * case too. In a CGI program `HTTP_PROXY` is a client's header, not a setting: it does not count.
 */
export function resolveProxy(
  option: string | false | undefined,
  environment: Environment,
): ProxyOptions | undefined {
  if (option === false) return undefined;
  if (option !== undefined) return { http: option, https: option };
  const isCgi = environment["REQUEST_METHOD"] !== undefined;
  const https = environment["https_proxy"] || environment["HTTPS_PROXY"] || undefined;
  const http =
    environment["http_proxy"] || (isCgi ? undefined : environment["HTTP_PROXY"]) || undefined;
  if (http === undefined && https === undefined) return undefined;
  return { http, https, noProxy: environment["no_proxy"] || environment["NO_PROXY"] || undefined };
}
