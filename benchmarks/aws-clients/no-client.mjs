// No client at all: what starting the process and reading what the others read takes by itself.
import "./operations.mjs";

export async function open() {
  return { call: () => async () => 1_024, close: async () => {} };
}
