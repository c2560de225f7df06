import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settled } from "@lambdad/testkit";
import { bufferFixture, type BufferFixture, encoded } from "../testdata/buffer-fixture.ts";

const maxItems = 1_000;

/** Pushes events `from` to `to - 1`. */
function pushRange({ buffer }: BufferFixture, from: number, to: number): void {
  for (let i = from; i < to; i += 1) buffer.push(encoded(String(i)));
}

function range(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, i) => String(from + i));
}

describe("TelemetryBuffer", () => {
  test("sends a batch when its time has come, counted from its first event", () => {
    const { buffer, clock, destination } = bufferFixture();
    buffer.push(encoded("a"));
    clock.tick(900);
    buffer.push(encoded("b"));
    clock.tick(99);
    assert.deepEqual(destination.attempts, []);
    clock.tick(1);
    assert.deepEqual(destination.attempts, [["a", "b"]]);
  });

  test("sends a batch when it has maxItems events, at once", () => {
    const fixture = bufferFixture();
    pushRange(fixture, 0, maxItems - 1);
    assert.equal(fixture.destination.attempts.length, 0);
    pushRange(fixture, maxItems - 1, maxItems);
    assert.deepEqual(fixture.destination.attempts, [range(0, maxItems)]);
    assert.equal(fixture.clock.timers, 0);
  });

  test("sends a batch when it has maxBytes, which the last event may exceed", () => {
    const { buffer, destination } = bufferFixture();
    buffer.push(encoded("a", 262_143));
    assert.equal(destination.attempts.length, 0);
    buffer.push(encoded("b", 200_000));
    assert.deepEqual(destination.attempts, [["a", "b"]]);
  });

  test("sends one batch after another, never two at once", async () => {
    const fixture = bufferFixture();
    const { destination } = fixture;
    pushRange(fixture, 0, 2 * maxItems + 1);
    assert.equal(destination.attempts.length, 1);
    await destination.take();
    assert.equal(destination.attempts.length, 2);
    await destination.take();
    assert.equal(destination.attempts.length, 2);
    fixture.clock.tick(1_000);
    await destination.take();
    assert.deepEqual(destination.taken, range(0, 2 * maxItems + 1));
  });

  test("sends what became due while another batch was under way", async () => {
    const { buffer, clock, destination } = bufferFixture();
    buffer.push(encoded("a"));
    clock.tick(1_000);
    buffer.push(encoded("b"));
    clock.tick(1_000);
    await destination.take();
    assert.deepEqual(destination.attempts, [["a"], ["b"]]);
  });

  test("tries again with growing pauses, and then gives the batch up and tells (EX-5)", async () => {
    const { buffer, clock, destination, dropped } = bufferFixture();
    buffer.push(encoded("a"));
    clock.tick(1_000);
    const pauses: (number | undefined)[] = [];
    for (let attempt = 1; attempt < 10; attempt += 1) {
      await destination.fail();
      pauses.push(clock.nextTimerMs);
      clock.tick(clock.nextTimerMs ?? 0);
    }
    assert.deepEqual(pauses, [100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000, 2_000]);
    assert.deepEqual(dropped, []);
    await destination.fail();
    assert.equal(destination.attempts.filter(([first]) => first === "a").length, 10);
    const reason = "could not send events: down";
    assert.deepEqual(dropped, [{ records: 1, bytes: 1, reason }]);
    assert.deepEqual(destination.attempts.at(-1), [`lost 1 1 ${reason}`]);
  });

  test("keeps order when a batch is delivered at the second attempt", async () => {
    const { buffer, clock, destination, dropped } = bufferFixture();
    buffer.push(encoded("a"));
    clock.tick(1_000);
    await destination.fail();
    buffer.push(encoded("b"));
    clock.tick(100);
    await destination.take();
    clock.tick(1_000);
    await destination.take();
    assert.deepEqual(destination.taken, ["a", "b"]);
    assert.deepEqual(dropped, []);
  });

  test("gives a batch up at once when it was refused, and tells before the next event", async () => {
    const { buffer, clock, destination, dropped } = bufferFixture();
    buffer.push(encoded("a"));
    buffer.push(encoded("bc"));
    clock.tick(1_000);
    buffer.push(encoded("d"));
    await destination.refuse();
    const reason = "could not send events: HTTP status 400";
    assert.deepEqual(dropped, [{ records: 2, bytes: 3, reason }]);
    clock.tick(1_000);
    await destination.take();
    assert.deepEqual(destination.taken, [`lost 2 3 ${reason}`, "d"]);
  });

  test("tells a loss whose telling was lost together with the next one, and only then", async () => {
    const { buffer, clock, destination, dropped } = bufferFixture();
    buffer.push(encoded("a"));
    clock.tick(1_000);
    await destination.refuse();
    assert.deepEqual(destination.attempts.length, 2);
    await destination.refuse();
    assert.ok(!destination.isBusy);
    assert.equal(clock.timers, 0);
    buffer.push(encoded("b"));
    clock.tick(1_000);
    await destination.refuse("other");
    await destination.take();
    assert.deepEqual(destination.taken, ["lost 2 2 could not send events: other"]);
    assert.deepEqual(
      dropped.map(({ records }) => records),
      [1, 1],
    );
  });

  test("drops what has no room, and tells where it is missing (EX-5, INV-8)", async () => {
    const fixture = bufferFixture();
    const { buffer, clock, destination, dropped } = fixture;
    pushRange(fixture, 0, 4 * maxItems);
    buffer.push(encoded("lost", 100));
    buffer.push(encoded("lost too", 50));
    assert.deepEqual(dropped, []);
    await destination.take();
    assert.deepEqual(dropped, [{ records: 2, bytes: 150, reason: "slow" }]);
    buffer.push(encoded("kept"));
    for (let batch = 1; batch < 4; batch += 1) await destination.take();
    clock.tick(1_000);
    await destination.take();
    assert.deepEqual(destination.taken, [...range(0, 4 * maxItems), "lost 2 150 slow", "kept"]);
  });

  test("drops what has no room in bytes: four batches, and at least 2 MiB (INV-8)", () => {
    for (const [maxBytes, roomBytes] of [
      [262_144, 2_097_152],
      [1_048_576, 4_194_304],
    ] as const) {
      const { buffer, dropped } = bufferFixture({ maxBytes });
      const count = roomBytes / 65_536;
      for (let i = 0; i < count; i += 1) buffer.push(encoded("x", 65_536));
      buffer.push(encoded("y", 1));
      buffer.close();
      assert.deepEqual(
        dropped.map(({ records }) => records),
        [count, 1],
      );
    }
  });

  test("accepts an event that is larger than all its room, when it is empty", async () => {
    const { buffer, destination, dropped } = bufferFixture();
    buffer.push(encoded("huge", 10_000_000));
    await destination.take();
    assert.deepEqual(destination.taken, ["huge"]);
    assert.deepEqual(dropped, []);
  });

  test("counts a loss also when the subscriber is not told of losses", async () => {
    const { buffer, clock, destination, dropped } = bufferFixture({}, { tellsLoss: false });
    buffer.push(encoded("a"));
    clock.tick(1_000);
    await destination.refuse();
    assert.equal(dropped.length, 1);
    assert.equal(destination.attempts.length, 1);
    buffer.pushLoss({ records: 3, bytes: 4, reason: "early" });
    assert.equal(dropped.length, 2);
    assert.equal(clock.timers, 0);
  });
});

describe("TelemetryBuffer.flush()", () => {
  test("resolves at once when there is nothing", async () => {
    await bufferFixture().buffer.flush();
  });

  test("sends what is there, and resolves when it was taken", async () => {
    const { buffer, destination } = bufferFixture();
    buffer.push(encoded("a"));
    let isDone = false;
    const flushed = buffer.flush().then(() => (isDone = true));
    await settled();
    assert.deepEqual(destination.attempts, [["a"]]);
    buffer.push(encoded("later"));
    assert.equal(isDone, false);
    await destination.take();
    await flushed;
    assert.equal(destination.attempts.length, 1);
  });

  test("waits for the batch that is under way and all behind it", async () => {
    const fixture = bufferFixture();
    const { buffer, destination } = fixture;
    pushRange(fixture, 0, maxItems + 1);
    let isDone = false;
    const flushed = buffer.flush().then(() => (isDone = true));
    await destination.take();
    assert.equal(isDone, false);
    await destination.take();
    await flushed;
    assert.deepEqual(destination.taken, range(0, maxItems + 1));
  });

  test("does not wait for the pause before another attempt", async () => {
    const { buffer, clock, destination } = bufferFixture();
    buffer.push(encoded("a"));
    clock.tick(1_000);
    await destination.fail();
    const flushed = buffer.flush();
    assert.equal(destination.attempts.length, 2);
    await destination.take();
    await flushed;
    assert.equal(clock.timers, 0);
  });

  test("tells of what has been dropped", async () => {
    const fixture = bufferFixture();
    const { buffer, destination } = fixture;
    pushRange(fixture, 0, 4 * maxItems + 1);
    const flushed = buffer.flush();
    for (let batch = 0; batch < 5; batch += 1) await destination.take();
    await flushed;
    assert.equal(destination.taken.at(-1), "lost 1 4 slow");
  });

  test("resolves when the buffer is closed", async () => {
    const { buffer } = bufferFixture();
    buffer.push(encoded("a"));
    const flushed = buffer.flush();
    buffer.close();
    await flushed;
  });
});

describe("TelemetryBuffer.close()", () => {
  test("counts what was not delivered, once, and sets no timer", async () => {
    const { buffer, clock, destination, dropped } = bufferFixture();
    buffer.push(encoded("a"));
    clock.tick(1_000);
    buffer.push(encoded("bc"));
    buffer.close();
    buffer.close();
    await destination.fail();
    assert.ok(destination.closed);
    assert.equal(clock.timers, 0);
    assert.deepEqual(dropped, [{ records: 2, bytes: 3, reason: "the environment has ended" }]);
  });

  test("ends a pause before another attempt", async () => {
    const { buffer, clock, destination, dropped } = bufferFixture();
    buffer.push(encoded("a"));
    clock.tick(1_000);
    await destination.fail();
    buffer.close();
    assert.equal(clock.timers, 0);
    assert.equal(dropped[0]?.records, 1);
  });

  test("counts what a flush could not deliver, and not what came after it", async () => {
    const { buffer, destination, dropped } = bufferFixture();
    buffer.push(encoded("a"));
    void buffer.flush();
    await destination.fail();
    buffer.push(encoded("last words"));
    buffer.close();
    assert.deepEqual(dropped, [{ records: 1, bytes: 1, reason: "the environment has ended" }]);
  });

  test("says nothing when everything was delivered", async () => {
    const { buffer, clock, destination, dropped } = bufferFixture();
    buffer.push(encoded("a"));
    clock.tick(1_000);
    await destination.take();
    buffer.close();
    assert.deepEqual(dropped, []);
  });
});
