import type { ServiceRules } from "./service-rules.ts";

/** A search may be longer than a URL: its query goes into the body. Source: aws-client.md §17. */
export const cloudSearchDomainRules: ServiceRules = {
  draft({ name }, draft) {
    if (name !== "Search") return;
    draft.method = "POST";
    draft.body = draft.query.join("&");
    draft.query = [];
    draft.headers.push("content-type", "application/x-www-form-urlencoded");
  },
};
