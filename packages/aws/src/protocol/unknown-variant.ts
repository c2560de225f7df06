/**
 * The variant of a union that the model does not have: `{ $unknown: [name, value] }`, as outputs give
 * it, so that what a service answered can be given back to it. `undefined` for any other union.
 */
export function unknownVariant(union: unknown): readonly [string, unknown] | undefined {
  const variant = (union as { readonly $unknown?: unknown }).$unknown;
  if (!Array.isArray(variant) || variant.length !== 2) return undefined;
  const [name, value] = variant as readonly unknown[];
  return typeof name === "string" ? [name, value] : undefined;
}

/**
 * Refuses such a variant where the form of its value depends on the model.
 * @throws TypeError
 */
export function refuseUnknownVariant(union: unknown): void {
  const variant = unknownVariant(union);
  if (variant === undefined) return;
  throw new TypeError(
    `Cannot send variant "${variant[0]}" of a union: only JSON and CBOR can carry what the model does not have`,
  );
}
