import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type InstallMachine, installServices } from "./service-install.ts";

/** A machine that has `commands`, installs what it is told to, and remembers what ran. */
function machineWith(
  commands: readonly string[],
  options: Partial<InstallMachine> & { readonly failing?: string } = {},
): InstallMachine & { readonly ran: string[] } {
  const present = new Set(commands);
  const ran: string[] = [];
  return {
    isRoot: true,
    isDebian: true,
    hasCommand: (command) => present.has(command),
    run: async (command) => {
      ran.push(command.join(" "));
      return command[1] === options.failing ? 100 : 0;
    },
    ...options,
    ran,
  };
}

describe("installServices()", () => {
  test("does nothing when the wanted one is there", async () => {
    const machine = machineWith(["rabbitmq-server"]);
    await installServices("rabbitmq-server", machine);
    assert.deepEqual(machine.ran, []);
  });

  test("installs all that is missing at once, with nothing recommended", async () => {
    const machine = machineWith([]);
    await installServices("rabbitmq-server", machine);
    assert.deepEqual(machine.ran, [
      "apt-get update",
      "apt-get install -y --no-install-recommends rabbitmq-server redis-server",
    ]);
  });

  test("installs only what is missing", async () => {
    const machine = machineWith(["redis-server"]);
    await installServices("rabbitmq-server", machine);
    assert.match(machine.ran[1] ?? "", / rabbitmq-server$/);
  });

  for (const [name, options] of [
    ["not root", { isRoot: false }],
    ["not Debian", { isDebian: false }],
  ] as const) {
    test(`runs nothing and says what to install when we are ${name}`, async () => {
      const machine = machineWith([], options);
      await assert.rejects(
        installServices("rabbitmq-server", machine),
        /Cannot find rabbitmq-server: .* apt-get install rabbitmq-server; .* brew install rabbitmq\)$/,
      );
      assert.deepEqual(machine.ran, []);
    });
  }

  for (const failing of ["update", "install"]) {
    test(`says so when apt-get ${failing} fails`, async () => {
      const machine = machineWith([], { failing });
      const message = new RegExp(`Cannot install .*: 'apt-get ${failing}.*' ended with 100`);
      await assert.rejects(installServices("rabbitmq-server", machine), message);
    });
  }
});
