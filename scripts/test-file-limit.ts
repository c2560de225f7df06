// Loaded into each process of the test runner. A test that leaves a socket or a process open keeps its
// file from ending; without this the whole run would wait for it without saying why.
import { argv } from "node:process";

const fileTimeoutMs = 20 * 60 * 1000;

const timer = setTimeout(() => {
  const held = process.getActiveResourcesInfo().join(", ");
  console.error(`Cannot end '${argv[1] ?? ""}' in ${fileTimeoutMs / 60_000} minutes: ${held}`);
  process.exit(1);
}, fileTimeoutMs);
timer.unref();
