import assert from "node:assert/strict";
import type { FunctionConfiguration } from "@lambdad/core";
import type {
  Extension,
  ExtensionDelivery,
  ExtensionEventType,
  ExtensionWaiter,
} from "../extensions/extension.ts";
import { ExtensionsApi } from "../extensions/extensions-api.ts";
import type { ApiError } from "../http/api-error.ts";
import type { RejectReason } from "../reject-reason.ts";

export const extensionConfiguration: FunctionConfiguration = {
  name: "helloWorld",
  version: "$LATEST",
  region: "us-east-1",
  accountId: "123456789012",
  handler: "app.handler",
  memorySizeMb: 128,
  timeoutMs: 3_000,
};

/** An identifier that was never issued. */
export const strangeId = "01234567-89ab-cdef-0123-456789abcdef";

/** A call of `event/next` that keeps what it got. */
export class CollectingWaiter implements ExtensionWaiter {
  readonly got: ExtensionDelivery[] = [];

  deliver(delivery: ExtensionDelivery): void {
    this.got.push(delivery);
  }

  /** The events that it got, by their names. */
  get types(): readonly ExtensionEventType[] {
    return this.got.map(({ type }) => type);
  }
}

/** The rules of one environment's extensions, and all that they told their environment. */
export interface ExtensionsFixture {
  readonly api: ExtensionsApi;
  readonly moves: { readonly count: number };
  /** How often a call of next was lost. */
  readonly losses: { readonly count: number };
  readonly errors: (readonly [Extension, "initError" | "exitError"])[];
  readonly rejects: RejectReason[];
  /** Registers, which must be allowed. */
  readonly register: (name: string, events?: readonly ExtensionEventType[]) => Extension;
  /** Calls `event/next`, which must be allowed. */
  readonly next: (extension: Extension) => CollectingWaiter;
  /** Registers and calls `event/next`. */
  readonly ready: (
    name: string,
    events?: readonly ExtensionEventType[],
  ) => readonly [Extension, CollectingWaiter];
}

export interface ExtensionsFixtureOptions {
  /** Names of the external extensions. Default: none. */
  readonly external?: readonly string[];
  readonly isConcurrent?: boolean;
  /** Called when a barrier may be open. */
  readonly moved?: () => void;
}

export function makeExtensions(options: ExtensionsFixtureOptions = {}): ExtensionsFixture {
  const { external = [], isConcurrent = false, moved } = options;
  const moves = { count: 0 };
  const losses = { count: 0 };
  const errors: (readonly [Extension, "initError" | "exitError"])[] = [];
  const rejects: RejectReason[] = [];
  const api = new ExtensionsApi(extensionConfiguration, isConcurrent, {
    moved: () => {
      moves.count += 1;
      moved?.();
    },
    lost: () => {
      losses.count += 1;
    },
    reportedError: (extension, call) => errors.push([extension, call]),
    rejected: (reason) => rejects.push(reason),
  });
  for (const name of external) api.expect(name);
  function register(name: string, events: readonly ExtensionEventType[] = []): Extension {
    const call = { name, features: undefined, body: JSON.stringify({ events }) };
    const registered = api.register(call);
    assert.ok("extension" in registered, `${name} was refused: ${JSON.stringify(registered)}`);
    return registered.extension;
  }
  function next(extension: Extension): CollectingWaiter {
    const waiter = new CollectingWaiter();
    assert.equal(api.next(extension.id, waiter), extension);
    return waiter;
  }
  function ready(
    name: string,
    events?: readonly ExtensionEventType[],
  ): readonly [Extension, CollectingWaiter] {
    const extension = register(name, events);
    return [extension, next(extension)];
  }
  return { api, moves, losses, errors, rejects, register, next, ready };
}

/** `errorType: errorMessage` of what must be a refusal with status 403. */
export function refusalOf(answer: object | undefined): string {
  assert.ok(answer !== undefined && "errorType" in answer && "status" in answer, "was not refused");
  const { status, errorType, errorMessage } = answer as ApiError;
  assert.equal(status, 403);
  return `${errorType}: ${errorMessage}`;
}

/** How many extensions hold a call of `event/next` open. */
export function waitingCount(api: ExtensionsApi): number {
  return api.all.filter((extension) => extension.isWaiting).length;
}
