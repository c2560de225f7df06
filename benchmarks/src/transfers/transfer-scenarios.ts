import type { TransferScenario } from "../measure/scenarios.ts";

const gibibyte = 1_073_741_824;
const quickBytes = 33_554_432;

/** Transfers of a file in both directions, in the order in which they run. */
export function transferScenarios({ quick }: { readonly quick: boolean }): TransferScenario[] {
  const bytes = quick ? quickBytes : gibibyte;
  return [false, true].flatMap((isSecure) =>
    (["upload", "download"] as const).map((operation): TransferScenario => {
      const name = `${isSecure ? "transfers-tls" : "transfers"}-${operation}`;
      return { kind: "transfers", name, operation, bytes, isSecure };
    }),
  );
}
