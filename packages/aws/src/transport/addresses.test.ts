import assert from "node:assert/strict";
import { test } from "node:test";
import { Addresses } from "./addresses.ts";
import type { LookupAddress } from "node:dns";

const three: LookupAddress[] = [
  { address: "10.0.0.1", family: 4 },
  { address: "10.0.0.2", family: 4 },
  { address: "10.0.0.3", family: 4 },
];

type Answer = (error: unknown, addresses?: readonly LookupAddress[]) => void;

function newAddresses(): { addresses: Addresses; asked: Answer[] } {
  const asked: Answer[] = [];
  return { addresses: new Addresses("a.test", (_host, callback) => asked.push(callback)), asked };
}

function firstOf(addresses: Addresses): string | undefined {
  let first: string | undefined;
  addresses.get((_error, found) => {
    first = found[0]?.address;
  });
  return first;
}

test("Addresses asks once for all that wait, and gives each the next address first", () => {
  const { addresses, asked } = newAddresses();
  const given: (readonly string[])[] = [];
  for (let i = 0; i < 4; i++) {
    addresses.get((_error, found) => given.push(found.map(({ address }) => address.slice(-1))));
  }
  assert.equal(asked.length, 1);
  asked[0]?.(null, three);
  assert.deepEqual(given, [
    ["1", "2", "3"],
    ["2", "3", "1"],
    ["3", "1", "2"],
    ["1", "2", "3"],
  ]);
});

test("Addresses gives few of many, so that there is time for the last, and both families", () => {
  const { addresses, asked } = newAddresses();
  const [four, six]: LookupAddress[][] = [[], []];
  for (let i = 1; i <= 8; i++) {
    four?.push({ address: `10.0.0.${i}`, family: 4 });
    six?.push({ address: `fd00::${i}`, family: 6 });
  }
  const given: string[] = [];
  const get = (): void =>
    addresses.get((_error, found) => given.push(found.map(({ address }) => address).join(" ")));
  get();
  asked[0]?.(null, [...(four ?? []), ...(six ?? [])]);
  for (let i = 0; i < 6; i++) get();
  assert.equal(given[0], "10.0.0.1 10.0.0.2 10.0.0.3 fd00::1");
  assert.equal(given[6], "10.0.0.7 10.0.0.8 fd00::1");
  addresses.forget();
  get();
  asked[1]?.(null, six);
  assert.equal(given[7], "fd00::8 fd00::1 fd00::2");
});

test("Addresses answers at once for 30 s, and then asks again", (t) => {
  const { addresses, asked } = newAddresses();
  const start = Date.now();
  let at = start;
  t.mock.method(Date, "now", () => at);
  firstOf(addresses);
  asked[0]?.(null, three);
  at = start + 29_999;
  assert.equal(firstOf(addresses), "10.0.0.2");
  assert.equal(asked.length, 1);
  at = start + 30_000;
  assert.equal(firstOf(addresses), undefined);
  assert.equal(asked.length, 2);
});

test("Addresses asks again after the clock was set back", (t) => {
  const { addresses, asked } = newAddresses();
  const start = Date.now();
  let at = start;
  t.mock.method(Date, "now", () => at);
  firstOf(addresses);
  asked[0]?.(null, three);
  at = start - 3_600_000;
  assert.equal(firstOf(addresses), undefined);
  assert.equal(asked.length, 2);
});

test("Addresses asks again after forget(), and after a failure", () => {
  const { addresses, asked } = newAddresses();
  const errors: unknown[] = [];
  addresses.get((error) => errors.push(error));
  const failure = new Error("no answer");
  asked[0]?.(failure);
  addresses.get((error) => errors.push(error));
  asked[1]?.(null, three);
  addresses.forget();
  addresses.get((error) => errors.push(error));
  asked[2]?.(null, []);
  assert.equal(asked.length, 3);
  assert.equal(errors[0], failure);
  assert.equal(errors[1], undefined);
  assert.match(String(errors[2]), /has no address/);
});
