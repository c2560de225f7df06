import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions } from "./options.ts";

test("parseOptions() reads peers, commands and numbers", () => {
  const options = parseOptions([
    "--peer=go=/bin/daemon --port {port}",
    "--peer",
    "rie=rie {runtime}",
    "--peer-node-runtime",
    "npx ric 'a b'",
    "--rounds=5",
    "--seconds=0.5",
  ]);
  assert.deepEqual(options.peers, [
    { name: "go", command: ["/bin/daemon", "--port", "{port}"] },
    { name: "rie", command: ["rie", "{runtime}"] },
  ]);
  assert.deepEqual(options.peerNodeRuntime, ["npx", "ric", "a b"]);
  assert.equal(options.rounds, 5);
  assert.equal(options.seconds, 0.5);
});

test("parseOptions() makes --quick one short round unless told otherwise", () => {
  const { rounds, seconds } = parseOptions(["--quick"]);
  assert.equal(rounds, 1);
  assert.ok(seconds < 1);
  assert.equal(parseOptions(["--quick", "--rounds=2"]).rounds, 2);
});

for (const args of [
  ["--peer=go"],
  ["--peer==x"],
  ["--rounds=0"],
  ["--rounds=1.5"],
  ["--rounds="],
  ["--seconds=-1"],
  ["--seconds=soon"],
  ["--lambdad="],
  ["--unknown"],
  ["stray"],
]) {
  test(`parseOptions() refuses ${args.join(" ")}`, () => {
    assert.throws(() => parseOptions(args), TypeError);
  });
}
