import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ListenError } from "./listen-error.ts";

function causeOf(code: string): Error {
  return Object.assign(new Error(`listen ${code}`), { code });
}

describe("ListenError (HO-9)", () => {
  for (const [code, reason] of [
    [
      "EADDRINUSE",
      "the port is taken. Stop the program that uses it, or choose another with --port",
    ],
    ["EACCES", "permission denied. Choose a port above 1023 with --port"],
    ["EADDRNOTAVAIL", "this machine has no such address. Choose another with --host"],
    ["ENOTFOUND", "there is no host of that name. Choose another with --host"],
    ["EAI_AGAIN", "there is no host of that name. Choose another with --host"],
    ["ENOBUFS", "listen ENOBUFS"],
  ] as const) {
    test(`says what to do after ${code}`, () => {
      const error = new ListenError("Invoke API", { host: "h", port: 80 }, causeOf(code));
      assert.equal(error.message, `Cannot listen on h:80 for the Invoke API: ${reason}`);
    });
  }

  test("names the options of the Runtime API, and brackets an address of version 6", () => {
    const address = { host: "::1", port: 9001 };
    const { message } = new ListenError("Runtime API", address, causeOf("EADDRINUSE"));
    assert.match(message, /^Cannot listen on \[::1\]:9001 for the Runtime API: /);
    assert.match(message, /--runtime-api-port$/);
  });
});
