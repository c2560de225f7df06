// What the thread pool's tests run: the event says what to do.
import { existsSync, writeFileSync } from "node:fs";
import { threadId } from "node:worker_threads";

if (process.env.THREAD_TEST_BROKEN !== undefined && existsSync(process.env.THREAD_TEST_BROKEN)) {
  throw new TypeError("broken at load");
}

export async function handler(event) {
  switch (event.do) {
    case "spin":
      for (;;);
    case "exit":
      return process.exit(event.code);
    case "throwLater":
      setTimeout(() => {
        throw new RangeError("nobody caught this");
      }, 1);
      return new Promise(() => {});
    case "rejectLater":
      void Promise.reject(new RangeError("nobody handled this"));
      return new Promise(() => {});
    case "break":
      writeFileSync(process.env.THREAD_TEST_BROKEN, "");
      return process.exit(1);
    case "hold":
      if (event.started !== undefined) writeFileSync(event.started, "");
      while (!existsSync(event.until)) await new Promise((resolve) => setTimeout(resolve, 2));
      return threadId;
    default:
      return threadId;
  }
}
