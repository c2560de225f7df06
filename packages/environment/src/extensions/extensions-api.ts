import { type FunctionConfiguration, limits } from "@lambdad/core";
import type { ApiError } from "../http/api-error.ts";
import type { RejectReason } from "../reject-reason.ts";
import { Extension, type ExtensionWaiter } from "./extension.ts";
import { type ExtensionTransition, refusedExtensionMessage } from "./extension-state.ts";
import {
  invokeEventBody,
  type InvokeFacts,
  type ShutdownReason,
  shutdownEventBody,
} from "./extension-events.ts";
import { allowedEvents, parseRegisterRequest, type RegisterCall } from "./register-request.ts";

export interface ExtensionsApiHooks {
  /** One has registered, or is back in `event/next`: a barrier may be open now. */
  moved(): void;
  /** The connection of one that waited for its next event was lost. */
  lost(): void;
  /** One has reported that it failed. */
  reportedError(extension: Extension, call: "initError" | "exitError"): void;
  rejected(reason: RejectReason): void;
}

/** The answer to a registration. */
export interface Registration {
  readonly extension: Extension;
  /** JSON text. */
  readonly body: string;
}

/**
 * The rules of the Extensions API for one environment: who may register and call what when, who has
 * what event, and whether the barriers of the initialisation and of an invocation are open. No
 * sockets, no processes, no time. Spec: extensions-api §3 to §6.
 */
export class ExtensionsApi {
  readonly #configuration: FunctionConfiguration;
  readonly #isConcurrent: boolean;
  readonly #hooks: ExtensionsApiHooks;
  readonly #extensions: Extension[] = [];
  #registrationClosed = false;

  constructor(
    configuration: FunctionConfiguration,
    /** Whether the environment serves several invocations at once. */
    isConcurrent: boolean,
    hooks: ExtensionsApiHooks,
  ) {
    this.#configuration = configuration;
    this.#isConcurrent = isConcurrent;
    this.#hooks = hooks;
  }

  /** All that are known, external ones first. */
  get all(): readonly Extension[] {
    return this.#extensions;
  }

  /** Whether there is one that has registered: the runtime gets SIGTERM before its end then. */
  get hasRegistered(): boolean {
    return this.#extensions.some(({ state }) => state !== "Started" && state !== "LaunchError");
  }

  /** The first that keeps the runtime from being started. */
  get unregistered(): Extension | undefined {
    return this.#extensions.find((extension) => extension.state === "Started");
  }

  /** The first that keeps the initialisation from being over. */
  get unready(): Extension | undefined {
    return this.#extensions.find((extension) => extension.state !== "Ready");
  }

  /** The first that keeps the current invocation from being complete. */
  get unfinished(): Extension | undefined {
    if (this.#extensions.length === 0) return undefined;
    return this.#extensions.find((extension) => extension.wants("INVOKE") && !extension.isBack);
  }

  /** The first that an invocation would wait for in vain: it does not ask for its event. */
  get absent(): Extension | undefined {
    return this.#extensions.find((extension) => extension.wants("INVOKE") && !extension.isWaiting);
  }

  /** The platform starts an external extension of this name. */
  expect(name: string): void {
    this.#extensions.push(new Extension(name, "external"));
  }

  named(name: string): Extension | undefined {
    return this.#extensions.find((extension) => extension.name === name);
  }

  /** An external extension could not be started; `errorType` is AWS's word for the reason. */
  launchFailed(name: string, errorType: LaunchErrorType): void {
    const extension = this.named(name);
    extension?.apply("launchFailed");
    extension?.failed(errorType);
  }

  /** The runtime has asked for its first invocation: who has not registered comes too late. */
  closeRegistration(): void {
    this.#registrationClosed = true;
  }

  /** `POST /extension/register`. */
  register(call: RegisterCall): Registration | ApiError {
    const registered = this.#register(call);
    if ("errorType" in registered) this.#hooks.rejected("extension_register");
    else this.#hooks.moved();
    return registered;
  }

  #register(call: RegisterCall): Registration | ApiError {
    const request = parseRegisterRequest(call);
    if ("errorType" in request) return request;
    const known = this.named(request.name);
    const kind = known?.kind ?? "internal";
    const events = allowedEvents(kind, request.events, this.#isConcurrent);
    if ("errorType" in events) return events;
    const extension =
      known?.kind === "external" ? known : this.#internalOf(request.name, known !== undefined);
    if ("errorMessage" in extension) return extension;
    const { state, name } = extension;
    if (!extension.apply("register")) {
      return invalidState(refusedExtensionMessage(state, "register", name));
    }
    extension.subscribe(events);
    if (extension !== known) this.#extensions.push(extension);
    return { extension, body: this.#registrationBody(request.wantsAccountId) };
  }

  /** A name that is no file's is an internal extension's. The order of the checks is AWS's. */
  #internalOf(name: string, isTaken: boolean): Extension | ApiError {
    if (this.#registrationClosed) {
      const errorMessage = "Extension registration closed already";
      return { status: 403, errorType: "Extension.RegistrationClosed", errorMessage };
    }
    if (this.#extensions.length >= limits.extensionsMax) {
      const errorMessage = `Extension limit (${limits.extensionsMax}) reached`;
      return { status: 403, errorType: "Extension.TooManyExtensions", errorMessage };
    }
    if (isTaken) return invalidState("Extension with this name already registered");
    return new Extension(name, "internal");
  }

  #registrationBody(wantsAccountId: boolean): string {
    const { name, version, handler, accountId } = this.#configuration;
    return JSON.stringify({
      functionName: name,
      functionVersion: version,
      handler,
      accountId: wantsAccountId ? accountId : undefined,
    });
  }

  /** `GET /extension/event/next`. The waiter is called back when there is an event for it. */
  next(id: string | undefined, waiter: ExtensionWaiter): Extension | ApiError {
    const extension = this.identified(id);
    if ("errorMessage" in extension) return extension;
    const { state } = extension;
    if (!extension.apply("next")) return this.#refuse(extension, state, "next");
    extension.wait(waiter);
    this.#hooks.moved();
    return extension;
  }

  /** The call of `event/next` that this waiter is for has ended without an event. */
  stopWaiting(extension: Extension, waiter: ExtensionWaiter): void {
    extension.stopWaiting(waiter);
    if (!extension.isWaiting) this.#hooks.lost();
  }

  /** `POST /extension/init/error` and `/extension/exit/error`. */
  error(
    call: "initError" | "exitError",
    id: string | undefined,
    errorType: string | undefined,
  ): ApiError | undefined {
    const identifier = this.#identifier(id);
    if (typeof identifier !== "string") return identifier;
    if (errorType === undefined || errorType === "") {
      const errorMessage = "Lambda-Extension-Function-Error-Type not found";
      return this.#identifierRefusal("Extension.MissingHeader", errorMessage);
    }
    const extension = this.#find(identifier, "Unknown Lambda-Extension-Identifier");
    if ("errorMessage" in extension) return extension;
    const { state, hasReportedError } = extension;
    if (!extension.apply(call)) return this.#refuse(extension, state, call);
    if (hasReportedError) return undefined;
    extension.failed(sanitizedErrorType(errorType, call));
    this.#hooks.reportedError(extension, call);
    return undefined;
  }

  /** The extension of a call that needs one: for the APIs of telemetry too. */
  identified(id: string | undefined): Extension | ApiError {
    const identifier = this.#identifier(id);
    if (typeof identifier !== "string") return identifier;
    return this.#find(identifier, `Unknown extension ${identifier}`);
  }

  /** An invocation begins: its event goes to all who want it. */
  invoke(facts: InvokeFacts): void {
    if (this.#extensions.length === 0 || this.#isConcurrent) return;
    let body: string | undefined;
    for (const extension of this.#extensions) {
      if (!extension.wants("INVOKE")) continue;
      body ??= invokeEventBody(facts);
      extension.give({ type: "INVOKE", body });
    }
  }

  /** Gives SHUTDOWN to an extension that wants it. */
  shutdown(extension: Extension, reason: ShutdownReason, deadlineEpochMs: number): void {
    extension.give({ type: "SHUTDOWN", body: shutdownEventBody(reason, deadlineEpochMs) });
  }

  /** The identifier of a header, in AWS's spelling. Headers are checked first (spec extensions-api §4). */
  #identifier(id: string | undefined): string | ApiError {
    if (id === undefined || id === "") {
      const message = "Missing Lambda-Extension-Identifier header";
      return this.#identifierRefusal("Extension.MissingExtensionIdentifier", message);
    }
    if (!uuid.test(id)) {
      const message = "Invalid Lambda-Extension-Identifier";
      return this.#identifierRefusal("Extension.InvalidExtensionIdentifier", message);
    }
    return id.toLowerCase();
  }

  /** Then the identifier is looked up, and only then the state counts. */
  #find(identifier: string, unknownMessage: string): Extension | ApiError {
    const extension = this.#extensions.find(({ id }) => id === identifier);
    // One that has not registered has been given no identifier.
    if (extension !== undefined && extension.state !== "Started") return extension;
    return this.#identifierRefusal("Extension.UnknownExtensionIdentifier", unknownMessage);
  }

  #identifierRefusal(errorType: string, errorMessage: string): ApiError {
    this.#hooks.rejected("extension_identifier");
    return { status: 403, errorType, errorMessage };
  }

  #refuse({ id }: Extension, state: Extension["state"], transition: ExtensionTransition): ApiError {
    this.#hooks.rejected("extension_state");
    return invalidState(refusedExtensionMessage(state, transition, id));
  }
}

/** Why an extension could not be started: spec extensions-api §8. */
export type LaunchErrorType = "PermissionDenied" | "TooManyExtensions" | "UnknownError";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const keptErrorType = /Extension\.[A-Z][a-zA-Z]+/;

/** The platform's name for the error type that an extension has sent: spec extensions-api §1. */
function sanitizedErrorType(sent: string, call: "initError" | "exitError"): string {
  if (keptErrorType.test(sent)) return sent.slice(0, limits.errorTypeCharsMax);
  return call === "initError" ? "Extension.InitError" : "Extension.ExitError";
}

function invalidState(errorMessage: string): ApiError {
  return { status: 403, errorType: "Extension.InvalidExtensionState", errorMessage };
}
