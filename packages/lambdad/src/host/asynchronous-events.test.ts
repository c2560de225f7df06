import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  HostError,
  type Invocation,
  type Invoker,
  type InvokeResult,
  payloadOf,
} from "@lambdad/core";
import type { EventObservation } from "@lambdad/events";
import { invocationOf, waitFor } from "@lambdad/testkit";
import { configurationOf } from "../testdata/configuration-of.ts";
import { namedPipe } from "../testdata/named-pipe.ts";
import { AsynchronousEvents } from "./asynchronous-events.ts";
import { HostLog } from "./host-log.ts";
import { LineWriter } from "./line-writer.ts";

interface Fixture {
  readonly events: AsynchronousEvents;
  readonly observations: EventObservation[];
  /** The host's log so far. */
  readonly log: () => Promise<string>;
}

async function startEvents(
  t: TestContext,
  invoke: Invoker["invoke"],
  options: readonly string[] = [],
): Promise<Fixture> {
  const configuration = configurationOf(["--events=memory", ...options]);
  const { environmentsMax, concurrencyEach } = configuration.environments;
  const pipe = namedPipe(t);
  const writer = new LineWriter(pipe.writeDescriptor);
  const log = new HostLog(configuration.log, writer);
  await log.open();
  const observations: EventObservation[] = [];
  const events = new AsynchronousEvents({
    configuration: configuration.events,
    functions: [{ name: "echo", concurrency: environmentsMax * concurrencyEach }],
    invoker: { invoke },
    log,
    observe: (observation) => observations.push(observation),
  });
  await events.start();
  t.after(() => events.stop(0));
  return {
    events,
    observations,
    log: async () => {
      await writer.idle(5_000);
      return pipe.read();
    },
  };
}

const common = {
  payload: payloadOf("{}"),
  contentType: "application/json",
  executedVersion: "$LATEST",
  logTail: undefined,
} as const;
const returned: InvokeResult = { kind: "returned", ...common };
const failed: InvokeResult = { kind: "failed", errorType: "Function.Broken", ...common };

/** Fails after some milliseconds: a retry then comes 60 s and these milliseconds after the event. */
async function failLater(): Promise<InvokeResult> {
  await sleep(5);
  return failed;
}

function eventOf(members: Partial<Invocation> = {}): Invocation {
  return invocationOf(Buffer.from("1"), { functionName: "echo", type: "Event", ...members });
}

function kindsOf(observations: readonly EventObservation[]): readonly string[] {
  return observations.map(({ kind }) => kind);
}

describe("AsynchronousEvents", () => {
  test("warns at the start that they are lost with the process (AS-11)", async (t) => {
    const { log } = await startEvents(t, () => Promise.resolve(returned));
    assert.match(await log(), / WARN Events are kept in memory: .* lost/);
  });

  test("run what was accepted, with the id of its caller (AS-4)", async (t) => {
    const seen: Invocation[] = [];
    const { events, observations } = await startEvents(t, (invocation) => {
      seen.push(invocation);
      return Promise.resolve(returned);
    });
    const event = eventOf();
    await events.accept(event);
    await waitFor(() => observations.length === 3, { what: "the end of the event" });
    assert.deepEqual(kindsOf(observations), ["accepted", "started", "succeeded"]);
    assert.equal(seen[0]?.requestId, event.requestId);
    const [books] = await events.counts();
    assert.equal(books?.accepted, 1);
    assert.equal(books.succeeded, 1);
  });

  test("start no more at once than there are environments and slots", async (t) => {
    const running = Promise.withResolvers<InvokeResult>();
    let started = 0;
    const { events, observations } = await startEvents(t, () => {
      started += 1;
      return running.promise;
    }, ["--max-concurrency=2", "--environment-concurrency=3"]);
    for (let index = 0; index < 20; index += 1) await events.accept(eventOf());
    await waitFor(() => started >= 6, { what: "six started events" });
    assert.equal(started, 6);
    running.resolve(returned);
    await waitFor(() => kindsOf(observations).filter((kind) => kind === "succeeded").length === 20);
    assert.equal(started, 20);
  });

  test("are tried again when the function fails, and the log says so (AS-2)", async (t) => {
    const { events, log, observations } = await startEvents(t, () => Promise.resolve(failed));
    await log();
    const { requestId } = eventOf();
    await events.accept(eventOf({ requestId }));
    await waitFor(() => observations.some(({ kind }) => kind === "scheduled"));
    const text = await log();
    assert.match(text, / WARN An event will be tried again /);
    assert.match(text, new RegExp(`requestId=${requestId} reason=function_fault attempt=1`));
    assert.match(text, / errorType=Function\.Broken /);
  });

  test("fail for good after --event-retries, and stay on the shelf (AS-7)", async (t) => {
    const { events, log, observations } = await startEvents(t, () => Promise.resolve(failed), [
      "--event-retries=0",
    ]);
    await log();
    await events.accept(eventOf());
    await waitFor(() => observations.some(({ kind }) => kind === "failed"));
    assert.match(await log(), / ERROR An event has failed for good .*condition=RetriesExhausted/);
    const [books] = await events.counts();
    assert.equal(books?.failed, 1);
  });

  test("expire after --event-max-age, which the first retry would pass", async (t) => {
    const options = ["--event-max-age=60"];
    const { events, observations } = await startEvents(t, failLater, options);
    await events.accept(eventOf());
    await waitFor(() => kindsOf(observations).includes("failed"), { what: "the failure" });
    const end = observations.find(({ kind }) => kind === "failed");
    assert.equal(end?.kind === "failed" ? end.condition : undefined, "EventAgeExceeded");
  });

  test("are throttled over --max-pending-events (AS-10)", async (t) => {
    const { events } = await startEvents(t, () => new Promise(() => {}), [
      "--max-pending-events=2",
    ]);
    await events.accept(eventOf());
    await events.accept(eventOf());
    await assert.rejects(
      events.accept(eventOf()),
      (error) => error instanceof HostError && error.code === "TooManyRequestsException",
    );
  });

  test("of another function are refused", async (t) => {
    const { events } = await startEvents(t, () => Promise.resolve(returned));
    await assert.rejects(
      events.accept(eventOf({ functionName: "other" })),
      (error) => error instanceof HostError && error.code === "ResourceNotFoundException",
    );
  });

  test("that run may finish at the stop; those lost are counted in the log (HO-8)", async (t) => {
    const running = Promise.withResolvers<InvokeResult>();
    const { events, log } = await startEvents(t, () => running.promise);
    for (let index = 0; index < 3; index += 1) await events.accept(eventOf());
    await log();
    const stopped = events.stop(60_000);
    running.resolve(returned);
    await stopped;
    assert.match(await log(), / ERROR Events that had not been run are lost: .* pending=2\n$/);
    await assert.rejects(
      events.accept(eventOf()),
      (error) => error instanceof HostError && error.code === "ServiceUnavailable",
    );
  });

  test("say nothing at the stop when there are none left", async (t) => {
    const { events, log } = await startEvents(t, () => Promise.resolve(returned));
    await log();
    await events.stop(60_000);
    assert.equal(await log(), "");
  });
});
