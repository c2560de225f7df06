import { StoreFailure } from "./store-errors.ts";

/** Where the next page begins: behind a key, or behind all keys that begin with a common prefix. */
export interface ListToken {
  readonly after?: string | undefined;
  readonly past?: string | undefined;
}

/** A token that says nothing to its bearer. */
export function writeToken(token: ListToken): string {
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

/** @throws StoreFailure `InvalidArgument` for what is no token of ours. */
export function readToken(text: string): ListToken {
  try {
    const token = JSON.parse(Buffer.from(text, "base64url").toString()) as ListToken | null;
    const { after, past } = token ?? {};
    if ([after, past].every((each) => each === undefined || typeof each === "string")) {
      if (after !== undefined || past !== undefined) return { after, past };
    }
  } catch {
    // Said below.
  }
  throw new StoreFailure("InvalidArgument", {
    message: "The continuation token provided is incorrect",
    members: { ArgumentName: "continuation-token", ArgumentValue: text },
  });
}
