import { headerValue } from "../client/metadata.ts";
import type { ServiceRules } from "./service-rules.ts";

/** API Gateway answers in HAL unless plain JSON is asked for. Source: aws-client.md §17. */
export const apiGatewayRules: ServiceRules = {
  draft(_operation, { headers }) {
    if (headerValue(headers, "accept") === undefined) headers.push("accept", "application/json");
  },
};
