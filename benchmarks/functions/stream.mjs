// Streams as many bytes as the event asks for: 0, 1, … 255, 0, 1, … in pieces of 64 KiB.
const piece = Buffer.from(Uint8Array.from({ length: 65_536 }, (_, index) => index & 0xff));

/** @param {{ bytes: number }} event */
async function writePattern(event, responseStream) {
  responseStream.setContentType("application/octet-stream");
  for (let sent = 0; sent < event.bytes; sent += piece.byteLength) {
    const missing = event.bytes - sent;
    const chunk = missing < piece.byteLength ? piece.subarray(0, missing) : piece;
    if (!responseStream.write(chunk)) {
      await new Promise((resolve) => responseStream.once("drain", resolve));
    }
  }
  responseStream.end();
}

export const handler = globalThis.awslambda.streamifyResponse(writePattern);
