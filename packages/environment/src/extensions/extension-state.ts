/**
 * The life of one extension. The names are those that AWS puts into the messages of refused calls and
 * into the telemetry event `platform.extension`.
 *
 * Source: aws-lambda-runtime-interface-emulator, `internal/lambda/core/states.go`; spec
 * extensions-api §5.
 */
export type ExtensionState =
  | "Started"
  | "Registered"
  | "Ready"
  | "Running"
  | "InitError"
  | "ExitError"
  | "LaunchError"
  | "Exited"
  | "ShutdownFailed";

/** What the extension does (the first four), and what happens to it (the rest). */
export type ExtensionTransition =
  | "register"
  | "next"
  | "initError"
  | "exitError"
  | "released"
  | "launchFailed"
  | "exited"
  | "shutdownFailed";

/** The state that a call leads to when it is allowed: the target in the message of a refusal. */
const targets: Readonly<Record<ExtensionTransition, ExtensionState>> = {
  register: "Registered",
  next: "Ready",
  initError: "InitError",
  // AWS's emulator names this target in a refused exit/error.
  exitError: "Exited",
  released: "Running",
  launchFailed: "LaunchError",
  exited: "Exited",
  shutdownFailed: "ShutdownFailed",
};

/** A transition that is not written here is illegal. */
const transitions: Readonly<
  Record<ExtensionState, Readonly<Partial<Record<ExtensionTransition, ExtensionState>>>>
> = {
  Started: { register: "Registered", launchFailed: "LaunchError" },
  Registered: { next: "Ready", initError: "InitError", exitError: "ExitError" },
  Ready: { exitError: "ExitError", released: "Running" },
  Running: {
    next: "Ready",
    exitError: "ExitError",
    exited: "Exited",
    shutdownFailed: "ShutdownFailed",
  },
  // The first error counts; reported again it is accepted and changes nothing.
  InitError: { initError: "InitError" },
  ExitError: { exitError: "ExitError" },
  LaunchError: {},
  Exited: {},
  ShutdownFailed: {},
};

/** Pure. The state after the transition, or `undefined` when it is not allowed in this state. */
export function nextExtensionState(
  state: ExtensionState,
  transition: ExtensionTransition,
): ExtensionState | undefined {
  return transitions[state][transition];
}

/**
 * The message of the 403 that answers a call which is not allowed in this state; `extension` is its
 * name for register, else its identifier.
 */
export function refusedExtensionMessage(
  state: ExtensionState,
  transition: ExtensionTransition,
  extension: string,
): string {
  return `State transition from ${state} to ${targets[transition]} failed for extension ${extension}. Error: State transition is not allowed`;
}
