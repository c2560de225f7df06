// The same SDK with the settings that make it fastest: the middleware stack is kept between calls, no
// checksums where none is required, no message digests for SQS, as many sockets as calls, no logger.
import { openSdk } from "./sdk.mjs";

export async function open(options) {
  return openSdk(
    { ...options, sockets: 128 },
    {
      cacheMiddleware: true,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      followRegionRedirects: false,
      useQueueUrlAsEndpoint: false,
      md5: false,
      retryMode: "standard",
    },
  );
}
