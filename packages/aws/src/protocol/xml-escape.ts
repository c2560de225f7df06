// Beyond the five of XML: carriage returns and line feeds, U+0085 and U+2028, which parsers turn
// into others; and the control characters that XML 1.0 cannot carry but S3 reads as references.
// oxlint-disable-next-line no-control-regex
const SPECIAL = /[&<>"'\u0000-\u0008\u000a-\u001f\u007f\u0085\u2028]/;
// oxlint-disable-next-line no-control-regex
const SPECIALS = /[&<>"'\u0000-\u0008\u000a-\u001f\u007f\u0085\u2028]/g;

const NAMED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text as the content of an element or attribute. */
export function escapeXml(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, referenceTo) : text;
}

function referenceTo(character: string): string {
  return NAMED[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
}
