/** An address string, or a name in it, that cannot be used. */
export class AddressError extends Error {
  override readonly name: string = "AddressError";
}
