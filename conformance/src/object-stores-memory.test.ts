// The contract of object stores on the store in memory.
import { describe } from "node:test";
import { testObjectStore } from "./object-store-contract/run-contract.ts";

describe("object store contract: memory:", () => {
  const store = {
    name: "memory:",
    isServer: false,
    options: { endpoint: `memory:contract-${process.pid}` },
  };
  testObjectStore(() => store, "memory:", {});
});
