import { sizes } from "../../aws-clients/operations.mjs";
import type { StoreScenario } from "../measure/scenarios.ts";

const inFlight = 64;

/** Objects in stores, in the order in which they run. */
export function storeScenarios(): StoreScenario[] {
  return (["put", "get", "reference"] as const).flatMap((action) =>
    (["1KB", "64KB"] as const).map((sizeName): StoreScenario => {
      const size = sizes[sizeName];
      const expected = action === "put" ? 1 : size;
      const prefix = action === "reference" ? "references" : `stores-${action}`;
      const name = `${prefix}-${sizeName}`;
      return { kind: "stores", name, operation: `store-${action}`, size, expected, inFlight };
    }),
  );
}
