import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { type AckChannel, AckWindow } from "./ack-window.ts";

/** What a broker knows of one channel. Refuses tags that are not outstanding, as RabbitMQ does with 406. */
class BrokerChannel implements AckChannel {
  readonly acknowledged: number[] = [];
  readonly returned: number[] = [];
  readonly rejected: number[] = [];
  sent = 0;
  isOpen = true;
  #last = 0;
  readonly #outstanding = new Set<number>();

  deliver(): number {
    this.#last += 1;
    this.#outstanding.add(this.#last);
    return this.#last;
  }

  ack(
    { fields: { deliveryTag } }: { readonly fields: { readonly deliveryTag: number } },
    allUpTo = false,
  ): void {
    this.#take(deliveryTag, allUpTo, this.acknowledged);
  }

  nack(
    { fields: { deliveryTag } }: { readonly fields: { readonly deliveryTag: number } },
    allUpTo = false,
    requeue = true,
  ): void {
    this.#take(deliveryTag, allUpTo, requeue ? this.returned : this.rejected);
  }

  #take(tag: number, allUpTo: boolean, into: number[]): void {
    if (!this.isOpen) throw new Error("Channel closed");
    this.sent += 1;
    assert.ok(this.#outstanding.has(tag), `unknown delivery tag ${tag}`);
    for (const each of this.#outstanding) {
      if (each !== tag && !(allUpTo && each < tag)) continue;
      this.#outstanding.delete(each);
      into.push(each);
    }
  }
}

function ascending(tags: readonly number[]): readonly number[] {
  return tags.toSorted((one, other) => one - other);
}

describe("AckWindow", () => {
  test("acknowledges at once what runs alone", () => {
    const channel = new BrokerChannel();
    const window = new AckWindow(channel);
    window.delivered();
    window.ack(channel.deliver());
    assert.deepEqual(channel.acknowledged, [1]);
  });

  test("acknowledges many at once when none is left, with one message", () => {
    const channel = new BrokerChannel();
    const window = new AckWindow(channel);
    const tags = Array.from({ length: 10 }, () => {
      window.delivered();
      return channel.deliver();
    });
    for (const tag of tags.toReversed()) window.ack(tag);
    assert.deepEqual(ascending(channel.acknowledged), tags);
    assert.equal(channel.sent, 1);
  });

  test("acknowledges what is done beside something that runs, by the end of the turn", async () => {
    const channel = new BrokerChannel();
    const window = new AckWindow(channel);
    const [slow, fast] = [channel.deliver(), channel.deliver()];
    window.delivered();
    window.delivered();
    window.ack(fast);
    await turn();
    assert.deepEqual(channel.acknowledged, [fast]);
    window.ack(slow);
    assert.deepEqual(channel.acknowledged, [fast, slow]);
    assert.equal(window.running, 0);
  });

  test("sends nothing to a channel that has ended, whether it knows or not (AM-4)", async () => {
    const channel = new BrokerChannel();
    const window = new AckWindow(channel);
    const tags = [channel.deliver(), channel.deliver(), channel.deliver()] as const;
    for (const _ of tags) window.delivered();
    window.ack(tags[0]);
    channel.isOpen = false;
    await turn();
    assert.ok(window.isClosed);
    window.ack(tags[1]);
    window.nack(tags[2], true);
    window.flush();
    assert.equal(channel.sent, 0);
  });

  test("answers for each delivery exactly once, in any order (AM-22)", async () => {
    const step = fc.record({
      kind: fc.constantFrom("deliver", "ack", "requeue", "reject", "turn", "flush"),
      pick: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const channel = new BrokerChannel();
        const window = new AckWindow(channel);
        const running: number[] = [];
        const expected = { ack: [] as number[], requeue: [] as number[], reject: [] as number[] };
        let delivered = 0;
        for (const { kind, pick } of steps) {
          if (kind === "deliver") {
            running.push(channel.deliver());
            window.delivered();
            delivered += 1;
          } else if (kind === "turn") await turn();
          else if (kind === "flush") window.flush();
          else {
            const [tag] = running.splice(pick % Math.max(1, running.length), 1);
            if (tag === undefined) continue;
            expected[kind].push(tag);
            if (kind === "ack") window.ack(tag);
            else window.nack(tag, kind === "requeue");
          }
          assert.equal(window.running, running.length);
        }
        window.flush();
        assert.deepEqual(ascending(channel.acknowledged), ascending(expected.ack));
        assert.deepEqual(channel.returned, expected.requeue);
        assert.deepEqual(channel.rejected, expected.reject);
        assert.equal(
          delivered,
          running.length + expected.ack.length + expected.requeue.length + expected.reject.length,
        );
      }),
    );
  });
});
