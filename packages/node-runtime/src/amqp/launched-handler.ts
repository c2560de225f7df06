import type { Handler } from "../load-handler.ts";

let given: Handler | undefined;

/** Keeps the handler that a module gave to `launch` while a worker thread loads that module. */
export function keepLaunchedHandler(handler: Handler | undefined): void {
  given = handler ?? given;
}

/** The handler that the module gave to `launch`, if it did. */
export function launchedHandler(): Handler | undefined {
  return given;
}
