const charactersMax = 200;

/** Text from outside in one line of a terminal: control characters become spaces or `?`. */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
  return text.replaceAll(/[\r\n\t]+/g, " ").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}

/**
 * A text that a user gave, for a message: in quotes, in one line, cut when it is long, and without the
 * user and password of a URL (INV-10).
 */
export function quoted(text: string): string {
  const safe = oneLine(text).replaceAll(/\/\/[^/@\s]*@/g, "//…@");
  return safe.length > charactersMax ? `'${safe.slice(0, charactersMax)}…'` : `'${safe}'`;
}
