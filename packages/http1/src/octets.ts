/** Octets that the grammar of RFC 9110 and RFC 9112 names. */
export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COLON = 0x3a;

/** 1 for each octet of a field value: HTAB, SP, visible ASCII and obs-text (RFC 9110 §5.5). */
export const FIELD_OCTETS: Uint8Array = table((octet) => {
  return octet === HTAB || (octet >= SPACE && octet !== 0x7f);
});

/** 1 for each octet of a token (RFC 9110 §5.6.2). */
export const TOKEN_OCTETS: Uint8Array = table((octet) => {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/.test(String.fromCharCode(octet));
});

/** 1 for each octet of a request target: visible ASCII but `#`, which starts a fragment and never travels. */
export const TARGET_OCTETS: Uint8Array = table((octet) => {
  return octet > SPACE && octet < 0x7f && octet !== 0x23;
});

function table(holds: (octet: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (holds(octet) ? 1 : 0));
}
