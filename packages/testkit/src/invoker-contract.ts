import { describe, type TestContext } from "node:test";

import type { Invocation, Invoker, InvokeResult } from "@lambdad/core";

import { type ContractEvent, invocationOf } from "./contract-invocation.ts";
import { testInvokerAnswers } from "./invoker-contract-answers.ts";
import { testInvokerCallers } from "./invoker-contract-callers.ts";
import { testInvokerStreams } from "./invoker-contract-streams.ts";

/** An invoker with the function of the contract suite behind it (`fixtures/contract-behaviour.mjs`). */
export interface InvokerFixture {
  readonly invoker: Invoker;
  /** Under which name the function answers. Default `contract`. */
  readonly functionName?: string;
  /**
   * Invocations that run at once at most; later ones wait, 64 of them at least. Leave it out when
   * nothing waits.
   */
  readonly concurrency?: number;
  /** The function's timeout, when it is short enough to be waited for. */
  readonly timeoutMs?: number;
  stop(): Promise<void>;
}

/**
 * What a function behind an invoker may be unable to do:
 *
 * - `raw-bytes`: return bytes that are not JSON;
 * - `raw-errors`: choose the bytes of an error;
 * - `stream`: answer piece by piece;
 * - `exit`: end its process;
 * - `log-tail`: give the end of its log;
 * - `request-id`: see the request id and the ARN of the invocation as the caller's side gave them;
 * - `recall`: leave an invocation out that still waited when its caller went.
 */
export type InvokerAbility =
  | "raw-bytes"
  | "raw-errors"
  | "stream"
  | "exit"
  | "log-tail"
  | "request-id"
  | "recall";

export interface TestInvokerOptions {
  /** Tests of these are left out; everything else must pass. Default: none. */
  readonly lacks?: readonly InvokerAbility[];
}

/** What the parts of the suite share. */
export interface InvokerSuite {
  can(ability: InvokerAbility): boolean;
  /** Starts a fixture that stops with the test. */
  begin(t: TestContext): Promise<StartedInvoker>;
}

export interface StartedInvoker {
  readonly fixture: InvokerFixture;
  readonly invocation: (event: ContractEvent, members?: Partial<Invocation>) => Invocation;
  /** Invokes with the test's signal. */
  readonly invoke: (event: ContractEvent, members?: Partial<Invocation>) => Promise<InvokeResult>;
}

/**
 * What every Invoker must do. Each implementation runs it.
 *
 * `start` is called for each test. The function behind the invoker must take 64 invocations at once,
 * and as many again must be able to wait when `concurrency` is smaller.
 */
export function testInvoker(
  name: string,
  start: () => Promise<InvokerFixture>,
  options: TestInvokerOptions = {},
): void {
  const suite: InvokerSuite = {
    can: (ability) => options.lacks?.includes(ability) !== true,
    async begin(t) {
      const fixture = await start();
      t.after(() => fixture.stop());
      const named = { functionName: fixture.functionName ?? "contract" };
      const invocation: StartedInvoker["invocation"] = (event, members) =>
        invocationOf(event, { ...named, ...members });
      const invoke: StartedInvoker["invoke"] = (event, members) =>
        fixture.invoker.invoke(invocation(event, members), t.signal);
      return { fixture, invocation, invoke };
    },
  };
  describe(`${name} as an Invoker`, () => {
    testInvokerAnswers(suite);
    testInvokerCallers(suite);
    if (suite.can("stream")) testInvokerStreams(suite);
  });
}
