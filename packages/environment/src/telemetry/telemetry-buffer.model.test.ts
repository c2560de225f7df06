import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bufferFixture, type BufferFixture, encoded } from "../testdata/buffer-fixture.ts";

const maxItems = 3;
/** Room for more than one event that tells of a loss. */
const maxBytes = 200;

type Step =
  | { readonly kind: "push"; readonly count: number; readonly bytes: number }
  | { readonly kind: "take" | "fail" | "refuse" | "flush" }
  | { readonly kind: "tick"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: pushStep() },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: "take" }) },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: "fail" }) },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: "refuse" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "flush" }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(1, 99, 100, 1_000, 2_000).map<Step>((ms) => ({ kind: "tick", ms })),
  },
);

function pushStep(): fc.Arbitrary<Step> {
  return fc
    .record({
      count: fc.integer({ min: 1, max: 8 }),
      bytes: fc.constantFrom(1, 13, 199, 200, 500, 600_000),
    })
    .map<Step>((value) => ({ kind: "push", ...value }));
}

/** Pushes events that are numbered from `next` on. */
function push(
  { buffer }: BufferFixture,
  next: number,
  { count, bytes }: Step & { kind: "push" },
): number {
  for (let i = 0; i < count; i += 1) buffer.push(encoded(`${next + i}`, bytes));
  return next + count;
}

async function run(fixture: BufferFixture, steps: readonly Step[]): Promise<number> {
  const { buffer, clock, destination } = fixture;
  let sent = 0;
  for (const one of steps) {
    switch (one.kind) {
      case "push":
        sent = push(fixture, sent, one);
        break;
      case "tick":
        await clock.advance(one.ms);
        break;
      case "flush":
        void buffer.flush();
        break;
      case "take":
      case "fail":
      case "refuse":
        if (destination.isBusy) await destination[one.kind]();
    }
  }
  return sent;
}

/** Lets everything through that is left: on its own time, and by a flush if one is wanted. */
async function drain(
  { buffer, clock, destination }: BufferFixture,
  flushes: boolean,
): Promise<void> {
  const flushed = flushes ? buffer.flush() : undefined;
  const letThrough = async (): Promise<void> => {
    while (destination.isBusy || clock.timers > 0) {
      if (destination.isBusy) await destination.take();
      else await clock.advance(2_000);
    }
  };
  await letThrough();
  await flushed;
  // A loss that could not be told is told with the next event.
  buffer.push(encoded("last"));
  await letThrough();
}

/**
 * Goes through what was delivered: between two events all that is missing must have been told, at that
 * place and as many as are missing.
 */
function checkDelivered(taken: readonly string[], sent: number): number {
  let next = 0;
  let told = 0;
  for (const text of taken) {
    const loss = /^lost (\d+) /.exec(text)?.[1];
    if (loss !== undefined) {
      next += Number(loss);
      told += Number(loss);
    } else if (text === "last") {
      assert.equal(next, sent);
    } else {
      assert.equal(Number(text), next, `at ${taken.join(", ")}`);
      next += 1;
    }
  }
  assert.equal(next, sent);
  return told;
}

const anySteps = fc.array(step, { maxLength: 60, size: "max" });

test("TelemetryBuffer delivers or tells of every event, in order, whatever happens (EX-5)", async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, fc.boolean(), async (steps, flushes) => {
      const fixture = bufferFixture({ maxItems, maxBytes });
      const sent = await run(fixture, steps);
      await drain(fixture, flushes);
      const told = checkDelivered(fixture.destination.taken, sent);
      const counted = fixture.dropped.reduce((sum, { records }) => sum + records, 0);
      assert.equal(counted, told);
      fixture.buffer.close();
      assert.equal(fixture.clock.timers, 0);
    }),
    { numRuns: 1_000 },
  );
});

test("TelemetryBuffer counts what it does not deliver, also at its end without a flush (EX-5)", async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, fc.boolean(), async (steps, tellsLoss) => {
      const fixture = bufferFixture({ maxItems, maxBytes }, { tellsLoss });
      const unflushed = steps.filter(({ kind }) => kind !== "flush");
      const sent = await run(fixture, unflushed);
      fixture.buffer.close();
      const { taken } = fixture.destination;
      const delivered = taken.filter((text) => !text.startsWith("lost")).length;
      const counted = fixture.dropped.reduce((sum, { records }) => sum + records, 0);
      assert.equal(delivered + counted, sent);
      assert.equal(fixture.clock.timers, 0);
    }),
    { numRuns: 1_000 },
  );
});

test("TelemetryBuffer holds no more than its bound, whatever happens (INV-8)", async () => {
  const bytes = 1_000_000;
  const pushes = fc.array(fc.constantFrom<Step["kind"]>("push", "fail", "take", "tick"), {
    maxLength: 80,
    size: "max",
  });
  await fc.assert(
    fc.asyncProperty(pushes, async (kinds) => {
      const fixture = bufferFixture({ maxItems, maxBytes });
      const steps = kinds.map<Step>((kind) =>
        kind === "push"
          ? { kind, count: 5, bytes }
          : kind === "tick"
            ? { kind, ms: 100 }
            : { kind: kind === "take" ? "take" : "fail" },
      );
      await run(fixture, steps);
      fixture.buffer.close();
      const held = fixture.dropped.find(({ reason }) => reason === "the environment has ended");
      // 2 MiB is room for two of them.
      assert.ok((held?.records ?? 0) <= 2, `holds ${held?.records}`);
    }),
  );
});
