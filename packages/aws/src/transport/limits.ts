/** Bytes of a response's head, interim answers included, and of a trailer section (specification §12). */
export const headBytesMax: number = 64 * 1024;
/** Header lines of a head or a trailer section. AWS sends 10 to 30. */
export const headerLinesMax = 500;
/** Bytes of a chunk's size line, extensions included. */
export const chunkLineBytesMax = 1024;
/** Bytes read at once from a socket: what libuv proposes, too. */
export const readBufferBytes: number = 64 * 1024;
/** Bodies of bytes up to this size are copied behind the head, to be one write. */
export const joinedBodyBytesMax: number = 16 * 1024;
/** A large body is handed to the socket in pieces of this size, so that sending can stop. */
export const plainPieceBytes: number = 1024 * 1024;
/** The same under TLS, where a piece is encrypted as a whole. */
export const tlsPieceBytes: number = 128 * 1024;
/** Wait for `100 Continue`; the sweep of the deadlines adds up to 200 ms (specification §12: a second). */
export const continueWaitMs = 800;
/** What a server sent before it stopped reading a body is in the kernel: it takes no longer to read. */
export const afterWriteFailureMs = 100;
/** A DNS answer is used this long (specification §12). */
export const dnsAnswerMs = 30_000;
/** The longest idle time that a server's `Keep-Alive` header can ask for. */
export const keepAliveMsMax = 600_000;
/** Time for one address before the next one is tried, too. */
export const addressAttemptMs = 500;
/**
 * Addresses that are tried for one connection, and one of the other family. The last one has the rest
 * of the time to connect; S3 names eight, which would leave none where a handshake takes long.
 */
export const addressesMax = 3;
/** Silence of an established connection before TCP probes it. */
export const tcpKeepAliveMs = 60_000;
/** Pools of one transport before the empty ones are forgotten. */
export const poolsMax = 256;
