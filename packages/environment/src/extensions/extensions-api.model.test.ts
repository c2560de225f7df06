import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  CollectingWaiter,
  makeExtensions,
  strangeId,
  waitingCount,
} from "../testdata/extensions-fixture.ts";
import type { Extension, ExtensionEventType } from "./extension.ts";
import type { ExtensionsApi } from "./extensions-api.ts";

/** What extensions and their environment may do, in any order; the number chooses whom it concerns. */
type Step = readonly [
  (
    | "register"
    | "next"
    | "leave"
    | "initError"
    | "exitError"
    | "invoke"
    | "shutdown"
    | "close"
    | "launchFailed"
    | "ended"
  ),
  number,
  readonly string[],
];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.constant("register" as const) },
      { weight: 12, arbitrary: fc.constant("next" as const) },
      { weight: 3, arbitrary: fc.constant("leave" as const) },
      { weight: 6, arbitrary: fc.constant("invoke" as const) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Step[0][]>(
          "initError",
          "exitError",
          "shutdown",
          "close",
          "launchFailed",
          "ended",
        ),
      },
    ),
    // Mostly the first few, so that they get far; all of them for the limit.
    fc.oneof({ weight: 9, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(13) }),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(["INVOKE"]) },
      {
        weight: 1,
        arbitrary: fc.uniqueArray(fc.constantFrom("INVOKE", "SHUTDOWN", "NOPE"), { maxLength: 2 }),
      },
    ),
  ),
  { minLength: 10, maxLength: 120, size: "max" },
);

/** What the reference knows of one extension. */
interface Known {
  readonly name: string;
  readonly kind: "external" | "internal";
  state: string;
  events: readonly string[];
  /** Its call of `event/next` that is open. */
  waiter: CollectingWaiter | undefined;
  pending: string | undefined;
  /** The real one, once it is known. */
  real: Extension | undefined;
}

const externalNames = ["ext-a", "ext-b"];
/** The names that the number of a step chooses from: some external, more internal ones than allowed. */
const names = [...externalNames, ...Array.from({ length: 12 }, (_, index) => `int-${index}`)];

/** The rules in the plainest form: spec extensions-api §3 to §6, one sentence a line. */
class Reference {
  readonly known: Known[] = externalNames.map((name) => newcomer(name, "external"));
  closed = false;
  ending = false;

  register(name: string, events: readonly string[]): string {
    const one = this.known.find((known) => known.name === name);
    const kind = one?.kind ?? "internal";
    const allowed = kind === "external" ? ["INVOKE", "SHUTDOWN"] : ["INVOKE"];
    if (events.some((event) => !allowed.includes(event))) return "Extension.InvalidEventType";
    if (one !== undefined && kind === "external") {
      if (one.state !== "Started") return "Extension.InvalidExtensionState";
      Object.assign(one, { state: "Registered", events });
      return "ok";
    }
    if (this.closed) return "Extension.RegistrationClosed";
    if (this.known.length === 10) return "Extension.TooManyExtensions";
    if (one !== undefined) return "Extension.InvalidExtensionState";
    this.known.push({ ...newcomer(name, "internal"), state: "Registered", events });
    return "ok";
  }

  /** What the call gets: `wait`, an event, or the type of a refusal. */
  next(one: Known): string {
    const repeats = one.state === "Ready" && one.waiter === undefined;
    if (one.state !== "Registered" && one.state !== "Running" && !repeats) {
      return "Extension.InvalidExtensionState";
    }
    one.state = "Ready";
    const { pending } = one;
    if (pending === undefined) return "wait";
    one.pending = undefined;
    one.state = "Running";
    return pending;
  }

  error(one: Known, call: "initError" | "exitError"): string {
    const target = call === "initError" ? "InitError" : "ExitError";
    if (one.state === target) return "ok";
    const from = call === "initError" ? ["Registered"] : ["Registered", "Ready", "Running"];
    if (!from.includes(one.state)) return "Extension.InvalidExtensionState";
    one.state = target;
    return "ok";
  }

  /** The event that its open call is expected to get now, if it is told at all. */
  give(one: Known, event: string): void {
    if (one.waiter !== undefined && one.state === "Ready") {
      one.state = "Running";
      one.waiter = undefined;
    } else if (one.waiter === undefined) {
      one.pending = event;
    }
  }

  isComplete(): boolean {
    return this.known.every(
      ({ state, events, pending }) =>
        !events.includes("INVOKE") || (state === "Ready" && pending === undefined),
    );
  }
}

function newcomer(name: string, kind: Known["kind"]): Known {
  const nothing = { events: [], waiter: undefined, pending: undefined, real: undefined };
  return { name, kind, state: "Started", ...nothing };
}

/** Takes the same steps in the reference and in the real one, and compares all that can be seen. */
class Comparison {
  readonly reference = new Reference();
  readonly fixture = makeExtensions({ external: externalNames });
  readonly api: ExtensionsApi = this.fixture.api;
  /** All calls of `event/next`, with whom they came from and what they must have got. */
  readonly calls: { one: Known; waiter: CollectingWaiter; expected: string[] }[] = [];
  #invocations = 0;

  step([kind, choice, events]: Step): void {
    const name = names[choice] ?? "";
    const known = this.reference.known.find((one) => one.name === name);
    switch (kind) {
      case "register":
        return this.#register(name, events);
      case "next":
        return this.#next(known);
      case "leave":
        return this.#leave(known);
      case "initError":
      case "exitError":
        return this.#error(known, kind);
      case "invoke":
        return this.#invoke();
      case "shutdown":
        return this.#shutdown();
      case "close":
        this.reference.closed = true;
        return this.api.closeRegistration();
      case "launchFailed":
        return this.#happens(known, kind, "LaunchError");
      case "ended":
        return this.#happens(known, "exited", "Exited");
    }
  }

  #register(name: string, events: readonly string[]): void {
    const body = JSON.stringify({ events });
    const answer = this.api.register({ name, features: undefined, body });
    const got = "errorType" in answer ? answer.errorType : "ok";
    assert.equal(got, this.reference.register(name, events), `register ${name} ${body}`);
    const one = this.reference.known.find((known) => known.name === name);
    if (one !== undefined && "extension" in answer) one.real = answer.extension;
  }

  #next(one: Known | undefined): void {
    const waiter = new CollectingWaiter();
    const answer = this.api.next(one?.real?.id ?? strangeId, waiter);
    if (one?.real === undefined) {
      assert.ok("errorMessage" in answer);
      assert.equal(answer.errorType, "Extension.UnknownExtensionIdentifier");
      return;
    }
    const expected = this.reference.next(one);
    const got = "errorMessage" in answer ? answer.errorType : (waiter.types[0] ?? "wait");
    assert.equal(got, expected, `next of ${one.name} in ${one.state}`);
    const delivered = expected === "INVOKE" || expected === "SHUTDOWN";
    this.calls.push({ one, waiter, expected: delivered ? [expected] : [] });
    if (expected === "wait") one.waiter = waiter;
  }

  #leave(one: Known | undefined): void {
    if (one?.waiter === undefined) return;
    one.real?.stopWaiting(one.waiter);
    one.waiter = undefined;
  }

  #error(one: Known | undefined, call: "initError" | "exitError"): void {
    const answer = this.api.error(call, one?.real?.id ?? strangeId, "Extension.Bad");
    const unknown = "Extension.UnknownExtensionIdentifier";
    const expected = one?.real === undefined ? unknown : this.reference.error(one, call);
    assert.equal(answer?.errorType ?? "ok", expected);
  }

  /** Only when the last one is complete, and not at the end: the environment asks the barrier. */
  #invoke(): void {
    if (this.reference.ending || !this.reference.isComplete()) return;
    this.#invocations += 1;
    for (const one of this.reference.known) this.#give(one, "INVOKE");
    const requestId = `id-${this.#invocations}`;
    this.api.invoke({ requestId, deadlineEpochMs: 1, invokedFunctionArn: "arn", traceId: "" });
  }

  #shutdown(): void {
    if (this.reference.ending) return;
    this.reference.ending = true;
    for (const one of this.reference.known) {
      const { real } = one;
      if (real === undefined || !real.wants("SHUTDOWN")) continue;
      this.#give(one, "SHUTDOWN");
      this.api.shutdown(real, "spindown", 1);
    }
  }

  #give(one: Known, event: ExtensionEventType): void {
    if (!one.events.includes(event)) return;
    const call = this.calls.find(({ waiter }) => waiter === one.waiter);
    if (call !== undefined && one.state === "Ready") call.expected.push(event);
    this.reference.give(one, event);
  }

  /** To a process: it could not be started, or has ended. */
  #happens(one: Known | undefined, transition: "launchFailed" | "exited", target: string): void {
    const from = transition === "launchFailed" ? "Started" : "Running";
    const real = this.api.named(one?.name ?? "");
    if (one === undefined || real === undefined) return;
    assert.equal(real.apply(transition), one.state === from);
    if (one.state === from) one.state = target;
  }

  compare(): void {
    const { known } = this.reference;
    assert.deepEqual(
      this.api.all.map(({ name, kind, state, events }) => ({ name, kind, state, events })),
      known.map(({ name, kind, state, events }) => ({ name, kind, state, events })),
    );
    const first = (isMissing: (one: Known) => boolean): string | undefined =>
      known.find((one) => isMissing(one))?.name;
    assert.equal(
      this.api.unregistered?.name,
      first(({ state }) => state === "Started"),
    );
    assert.equal(
      this.api.unready?.name,
      first(({ state }) => state !== "Ready"),
    );
    const isComplete = this.reference.isComplete();
    assert.equal(this.api.unfinished === undefined, isComplete);
    assert.equal(
      this.api.hasRegistered,
      known.some(({ state }) => state !== "Started" && state !== "LaunchError"),
    );
    assert.equal(waitingCount(this.api), known.filter(({ waiter }) => waiter !== undefined).length);
    for (const { one, waiter, expected } of this.calls) {
      assert.deepEqual(waiter.types, expected, `what a call of ${one.name} got`);
      assert.ok(waiter.got.length <= 1);
    }
    this.#assertNoneTwice();
  }

  /** No extension gets the same event with two calls, nor one that it did not subscribe to. */
  #assertNoneTwice(): void {
    const seen = new Set<string>();
    for (const { one, waiter } of this.calls) {
      for (const { type, body } of waiter.got) {
        assert.ok(one.events.includes(type), `${one.name} did not subscribe to ${type}`);
        assert.ok(!seen.has(`${one.name} ${body}`), `${one.name} got '${body}' twice`);
        seen.add(`${one.name} ${body}`);
      }
    }
  }
}

test("ExtensionsApi does as the reference does, and gives each event once and only to subscribers", () => {
  let delivered = 0;
  fc.assert(
    fc.property(steps, (sequence) => {
      const comparison = new Comparison();
      for (const step of sequence) {
        comparison.step(step);
        comparison.compare();
      }
      for (const { waiter } of comparison.calls) delivered += waiter.got.length;
    }),
    { numRuns: 400 },
  );
  assert.ok(delivered > 400, `the sequences delivered only ${delivered} events`);
});
