import { startFakeChannelHost } from "./fake-channel-host.ts";
import type { StartFakeHost } from "./fake-host.ts";
import { startFakeHttpHost } from "./fake-http-host.ts";

/** What a function must not notice: every behaviour is tested over both. */
export const transports: readonly { readonly name: string; readonly start: StartFakeHost }[] = [
  { name: "channel", start: startFakeChannelHost },
  { name: "HTTP", start: startFakeHttpHost },
];
