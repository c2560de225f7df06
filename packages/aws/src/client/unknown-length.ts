import type { ParamProblem } from "./errors.ts";

/** What is wrong with a body whose length nobody knows: S3 needs it before the bytes come (§13.3). */
export function unknownLength(path: string): ParamProblem {
  const message =
    "the length of this stream is not known, and S3 needs it: call `upload`, which sends it in parts, or give ContentLength, a file, or bytes";
  return { path, message };
}
