// What the first call loads.
export { getEncrypted } from "./get-encrypted.ts";
export { headEncrypted } from "./head-encrypted.ts";
export { putEncrypted, uploadEncrypted } from "./put-encrypted.ts";
