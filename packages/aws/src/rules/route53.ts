import { changedInput } from "./changed-input.ts";
import type { ServiceRules } from "./service-rules.ts";

/** Members that hold ids which outputs give with a prefix. */
const idMembers = ["Id", "HostedZoneId", "DelegationSetId"] as const;
const prefix = /^\/?(?:hostedzone|change|delegationset)\//;

/**
 * Route 53 answers with ids that it does not take: `/hostedzone/Z1`. What one operation gives may be
 * given to the next. Source: aws-client.md §17.
 */
export const route53Rules: ServiceRules = {
  input({ model }, input) {
    let changes: Record<string, unknown> | undefined;
    for (const name of idMembers) {
      const id = input[name];
      if (typeof id !== "string" || !prefix.test(id)) continue;
      (changes ??= {})[name] = id.replace(prefix, "");
    }
    return changes === undefined ? input : changedInput(model, input, changes);
  },
};
