/** Bytes that are encrypted at a time, which is what files are read in. */
export const BLOCK_BYTES: number = 256 * 1024;

/** Bytes up to which a body whose length is known is encrypted before it is sent: it is read once. */
export const ENCRYPT_FIRST_BYTES_MAX: number = 1024 * 1024;

/** Bytes of plaintext held back until they are verified; the default of AWS's client for Java. */
export const BUFFER_BYTES: number = 64 * 1024 * 1024;

/** Bytes of an instruction file: a few names and a wrapped key. */
export const INSTRUCTION_BYTES_MAX: number = 64 * 1024;
