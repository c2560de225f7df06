/** What is used of a Node stream. */
interface Heard {
  on(event: "error", listener: () => void): unknown;
}

/**
 * Hears the errors of a body that is a Node stream until something reads it: one that nobody hears ends
 * the process. Whoever reads is told of it again.
 */
export function heedErrors(body: unknown): void {
  if (typeof body !== "object" || body === null) return;
  if (!("on" in body && "pipe" in body) || typeof body.on !== "function") return;
  (body as unknown as Heard).on("error", () => {});
}
