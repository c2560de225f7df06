import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { daemonPages } from "./daemon-pages.ts";

describe("daemonPages()", () => {
  for (const [isDraining, isOverloaded, status, body] of [
    [false, false, 200, "ok\n"],
    [false, true, 503, "unhealthy: overloaded\n"],
    [true, false, 503, "draining\n"],
    [true, true, 503, "draining\n"],
  ] as const) {
    test(`answers /health with ${status} '${body.trim()}', and is alive`, async () => {
      const pages = daemonPages({
        isDraining: () => isDraining,
        isOverloaded: () => isOverloaded,
        metrics: undefined,
      });
      const page = await pages.get("/health")?.();
      assert.deepEqual(page, { status, contentType: "text/plain; charset=utf-8", body });
      assert.equal((await pages.get("/health/live")?.())?.status, 200);
      assert.equal(pages.has("/metrics"), false);
    });
  }

  for (const [problem, worksWithoutBroker, status, body] of [
    [undefined, true, 200, "ok\n"],
    [undefined, false, 200, "ok\n"],
    ["the broker is away", true, 200, "degraded: the broker is away\n"],
    ["the broker is away", false, 503, "unhealthy: the broker is away\n"],
  ] as const) {
    const works = worksWithoutBroker ? "works" : "does not work";
    test(`answers /health with '${body.trim()}' for a host that ${works} without its broker (AM-1)`, async () => {
      const pages = daemonPages({
        isDraining: () => false,
        isOverloaded: () => false,
        brokerProblem: () => problem,
        worksWithoutBroker,
        metrics: undefined,
      });
      const page = await pages.get("/health")?.();
      assert.deepEqual([page?.status, page?.body], [status, body]);
    });
  }

  test("has /metrics when they are on", async () => {
    const metrics = { status: 200, contentType: "text/plain", body: "x 1\n" };
    const pages = daemonPages({
      isDraining: () => false,
      isOverloaded: () => false,
      metrics: () => Promise.resolve(metrics),
    });
    assert.equal(await pages.get("/metrics")?.(), metrics);
  });
});
