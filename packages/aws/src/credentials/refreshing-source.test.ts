import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CredentialsError } from "../client/errors.ts";
import type { Provided } from "./provider.ts";
import { RefreshingSource } from "./refreshing-source.ts";
import { resolvedCredentials } from "./resolved-credentials.ts";

const MINUTE = 60_000;

/** Keys number `n` that end at minute `end`; never without. */
function keys(n: number, end?: number): Provided {
  const value = {
    accessKeyId: `AKID${n}`,
    secretAccessKey: "secret",
    expiration: end === undefined ? undefined : new Date(end * MINUTE),
  };
  return { credentials: resolvedCredentials(value, "a test"), provider: "test" };
}

/** A source over a clock in minutes, whose answers the test gives. */
class Fixture {
  minute = 0;
  asked = 0;
  readonly warnings: string[] = [];
  answer: () => Provided | Promise<Provided> = () => keys(this.asked, this.minute + 60);
  readonly source: RefreshingSource;

  constructor(random = 0.5, immediate?: () => Provided | undefined) {
    this.source = new RefreshingSource({
      provide: async () => {
        this.asked += 1;
        return this.answer();
      },
      immediate,
      clock: {
        now: () => this.minute * MINUTE,
        sleep: () => Promise.resolve(),
        random: () => random,
      },
      logger: { warn: (message) => this.warnings.push(message) },
    });
  }

  /** The key id in use, or `undefined` when it must be waited for. */
  current(): string | undefined {
    return this.source.current()?.accessKeyId;
  }

  async resolve(): Promise<string> {
    return (await this.source.resolve()).accessKeyId;
  }

  fail(message: string): void {
    this.answer = () => Promise.reject(new CredentialsError(message));
  }
}

/** Lets a refresh in the background come to its end. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("RefreshingSource", () => {
  test("resolves once for all who wait, and then answers at once", async () => {
    const fixture = new Fixture();
    assert.equal(fixture.current(), undefined);
    const all = await Promise.all(Array.from({ length: 64 }, () => fixture.source.resolve()));
    assert.equal(fixture.asked, 1);
    assert.equal(new Set(all).size, 1);
    assert.equal(fixture.source.current(), all[0]);
  });

  test("CL-12: 64 concurrent callers with expired credentials cause one refresh", async () => {
    const fixture = new Fixture();
    await fixture.resolve();
    fixture.minute = 61;
    assert.equal(fixture.current(), undefined);
    const all = await Promise.all(Array.from({ length: 64 }, () => fixture.resolve()));
    assert.equal(fixture.asked, 2);
    assert.deepEqual([...new Set(all)], ["AKID2"]);
  });

  test("CL-12: refreshes in the background from 15 minutes before, waited for from 10", async () => {
    const fixture = new Fixture();
    await fixture.resolve();
    fixture.minute = 44;
    assert.equal(fixture.current(), "AKID1");
    await settled();
    assert.equal(fixture.asked, 1);
    fixture.minute = 45;
    assert.equal(fixture.current(), "AKID1");
    assert.equal(fixture.current(), "AKID1");
    await settled();
    assert.equal(fixture.asked, 2);
    assert.equal(fixture.current(), "AKID2");
  });

  test("CL-12: within 10 minutes of the end, callers wait", async () => {
    const fixture = new Fixture();
    await fixture.resolve();
    fixture.minute = 50;
    assert.equal(fixture.current(), undefined);
    assert.equal(await fixture.resolve(), "AKID2");
  });

  for (const [random, first] of [
    [0, 44],
    [0.999999, 46],
  ] as const) {
    test(`the beginning of a refresh is spread: random ${random} gives minute ${first}`, async () => {
      const fixture = new Fixture(random);
      await fixture.resolve();
      fixture.minute = first - 0.1;
      fixture.current();
      await settled();
      assert.equal(fixture.asked, 1);
      fixture.minute = first;
      fixture.current();
      await settled();
      assert.equal(fixture.asked, 2);
    });
  }

  test("CL-12: a failed refresh warns once, backs off, and calls go on until the end", async () => {
    const fixture = new Fixture();
    await fixture.resolve();
    fixture.fail("STS is down");
    fixture.minute = 46;
    assert.equal(fixture.current(), "AKID1");
    await settled();
    assert.equal(fixture.asked, 2);
    fixture.minute += 1 / 60;
    assert.equal(fixture.current(), "AKID1");
    await settled();
    assert.equal(fixture.asked, 2, "backs off");
    fixture.minute = 52;
    assert.equal(await fixture.resolve(), "AKID1", "what was waited for failed too");
    assert.equal(fixture.asked, 3);
    assert.equal(fixture.current(), "AKID1", "nobody waits during back-off");
    assert.equal(fixture.warnings.length, 1);
    assert.match(
      fixture.warnings[0] ?? "",
      /^Cannot refresh the credentials of test, .*STS is down/,
    );
    fixture.minute = 60;
    assert.equal(fixture.current(), undefined);
    await assert.rejects(fixture.resolve(), /STS is down/);
    fixture.answer = () => keys(9, 200);
    assert.equal(await fixture.resolve(), "AKID9");
  });

  test("the back-off ends, and success begins a new count of failures", async () => {
    const fixture = new Fixture();
    await fixture.resolve();
    fixture.fail("down");
    fixture.minute = 46;
    fixture.current();
    await settled();
    fixture.answer = () => keys(2, 106);
    fixture.minute = 47.5;
    fixture.current();
    await settled();
    assert.equal(fixture.current(), "AKID2");
    fixture.fail("down again");
    fixture.minute = 92;
    fixture.current();
    await settled();
    assert.deepEqual(fixture.warnings.length, 2);
  });

  test("a first failure is the callers', and the next call tries again", async () => {
    const fixture = new Fixture();
    fixture.fail("nothing there");
    await assert.rejects(fixture.resolve(), /nothing there/);
    fixture.answer = () => keys(1);
    assert.equal(await fixture.resolve(), "AKID1");
    assert.deepEqual(fixture.warnings, []);
  });

  test("keys that live shortly are not waited for again at once", async () => {
    const fixture = new Fixture();
    fixture.answer = () => keys(fixture.asked, fixture.minute + 9);
    await fixture.resolve();
    assert.equal(fixture.current(), "AKID1");
    fixture.minute = 4;
    assert.equal(fixture.current(), "AKID1");
    await settled();
    assert.equal(fixture.asked, 1);
    fixture.minute = 5;
    assert.equal(fixture.current(), "AKID1");
    await settled();
    assert.equal(fixture.asked, 2);
  });

  test("keys that have ended when they come are an error", async () => {
    const fixture = new Fixture();
    fixture.minute = 10;
    fixture.answer = () => keys(1, 10);
    await assert.rejects(
      fixture.resolve(),
      /^CredentialsError: Cannot use the credentials of test: they ended/,
    );
  });

  test("keys that have ended are used on when the metadata service says so", async () => {
    const fixture = new Fixture();
    fixture.minute = 30;
    fixture.answer = () => ({ ...keys(1, 20), extended: true });
    assert.equal(await fixture.resolve(), "AKID1");
    fixture.minute = 37;
    assert.equal(fixture.current(), "AKID1");
    await settled();
    assert.equal(fixture.asked, 1);
    fixture.minute = 38;
    assert.equal(fixture.current(), "AKID1");
    await settled();
    assert.equal(fixture.asked, 2);
    assert.equal(fixture.current(), "AKID1");
  });

  test("keys without an end are never asked for again", async () => {
    const fixture = new Fixture();
    fixture.answer = () => keys(1);
    await fixture.resolve();
    fixture.minute = 1e9;
    assert.equal(fixture.current(), "AKID1");
    assert.equal(fixture.asked, 1);
  });
});

describe("RefreshingSource.expire()", () => {
  test("CL-12: of the current keys forces one refresh, of others none", async () => {
    const fixture = new Fixture();
    const first = await fixture.source.resolve();
    fixture.source.expire(first);
    assert.equal(fixture.current(), undefined);
    await Promise.all(Array.from({ length: 64 }, () => fixture.resolve()));
    assert.equal(fixture.asked, 2);
    fixture.source.expire(first);
    assert.equal(fixture.current(), "AKID2");
  });

  test("when the same keys come again it is the same object, and they rest for a minute", async () => {
    const fixture = new Fixture();
    fixture.answer = () => keys(1, 60);
    const first = await fixture.source.resolve();
    fixture.source.expire(first);
    assert.equal(await fixture.source.resolve(), first);
    fixture.source.expire(first);
    assert.equal(fixture.source.current(), first);
    fixture.minute = 1;
    fixture.source.expire(first);
    assert.equal(fixture.current(), undefined);
  });

  test("a forced refresh that fails is the callers' failure", async () => {
    const fixture = new Fixture();
    fixture.source.expire(await fixture.source.resolve());
    fixture.fail("down");
    await assert.rejects(fixture.resolve(), /down/);
  });
});

describe("RefreshingSource with keys at hand", () => {
  test("current() needs no resolve()", () => {
    const fixture = new Fixture(0.5, () => keys(7));
    assert.equal(fixture.current(), "AKID7");
    assert.equal(fixture.asked, 0);
  });

  test("after expire() it resolves with patience", async () => {
    const fixture = new Fixture(0.5, () => keys(7));
    const first = fixture.source.current();
    assert.ok(first);
    fixture.source.expire(first);
    assert.equal(fixture.current(), undefined);
    assert.equal(await fixture.resolve(), "AKID1");
  });

  test("current() does not give keys that have ended", () => {
    const fixture = new Fixture(0.5, () => keys(7, 10));
    fixture.minute = 10;
    assert.equal(fixture.current(), undefined);
  });
});
