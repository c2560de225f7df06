import { StoreFailure } from "./store-errors.ts";

/** Writes a name of a listing as the caller wants it. */
export type TextEncoding = (text: string) => string;

/** @throws StoreFailure `InvalidArgument` for an encoding that S3 does not have. */
export function encoderOf(type: string | null | undefined): TextEncoding {
  if (type === undefined || type === null) return plain;
  if (type === "url") return urlEncoded;
  throw new StoreFailure("InvalidArgument", {
    message: "Invalid Encoding Method specified in Request",
    members: { ArgumentName: "encoding-type", ArgumentValue: type },
  });
}

function plain(text: string): string {
  return text;
}

/** As S3 does: slashes stay, a space is a plus. */
function urlEncoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%2F", "/")
    .replaceAll("%20", "+")
    .replaceAll(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
