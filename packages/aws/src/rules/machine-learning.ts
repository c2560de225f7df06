import type { ServiceRules } from "./service-rules.ts";

/** Predictions are made at the model's own endpoint, which the input names. Source: aws-client.md §17. */
export const machineLearningRules: ServiceRules = {
  endpoint({ name }, { PredictEndpoint }) {
    return name === "Predict" && typeof PredictEndpoint === "string" ? PredictEndpoint : undefined;
  },
};
