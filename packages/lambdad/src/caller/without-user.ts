/** A URL for a message: without user and password, which are for nobody's screen (INV-10). */
export function withoutUser(text: string): string {
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.href.replace(/\/$/, "");
}
