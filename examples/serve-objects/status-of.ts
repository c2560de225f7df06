import { ServiceError } from "@lambdad/aws";

/** What a browser is told of an error of the store's. */
export function statusOf(
  error: unknown,
): [status: number, text: string, headers: Readonly<Record<string, string>>] {
  if (error instanceof URIError) return [400, "The name is not encoded as it should be", plain];
  if (!(error instanceof ServiceError)) return [502, "The store cannot be reached", plain];
  const status = error.statusCode ?? 502;
  if (status === 304) return [304, "", {}];
  if (status === 404) return [404, "There is no such object", plain];
  if (status === 412) return [412, "The object is another one", plain];
  if (status === 416) {
    const size = (error as { readonly ActualObjectSize?: unknown }).ActualObjectSize;
    const range = typeof size === "string" ? { "content-range": `bytes */${size}` } : {};
    return [416, "The object has no such range", { ...plain, ...range }];
  }
  if (status >= 400 && status < 500 && status !== 403) return [400, error.message, plain];
  return [502, "The store has failed", plain];
}

const plain = { "content-type": "text/plain; charset=utf-8" };
