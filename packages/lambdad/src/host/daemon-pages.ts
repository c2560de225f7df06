import type { Page, PageRenderer } from "@lambdad/invoke-http";

/** What the pages tell of. */
export interface DaemonPagesOptions {
  readonly isDraining: () => boolean;
  readonly isOverloaded: () => boolean;
  /** What is wrong with the broker now; `undefined`: nothing, or there is none. */
  readonly brokerProblem?: () => string | undefined;
  /** Whether functions can be run while the broker is away. Default: true. */
  readonly worksWithoutBroker?: boolean;
  /** `undefined`: there is no page `/metrics`. */
  readonly metrics: (() => Promise<Page>) | undefined;
}

/** The pages beside the Invoke API (spec reliability §13). */
export function daemonPages(options: DaemonPagesOptions): ReadonlyMap<string, PageRenderer> {
  const { isDraining, isOverloaded, worksWithoutBroker = true, metrics } = options;
  const pages = new Map<string, PageRenderer>([
    [
      "/health",
      () => {
        if (isDraining()) return textPage(503, "draining\n");
        if (isOverloaded()) return textPage(503, "unhealthy: overloaded\n");
        const problem = options.brokerProblem?.();
        if (problem === undefined) return textPage(200, "ok\n");
        return worksWithoutBroker
          ? textPage(200, `degraded: ${problem}\n`)
          : textPage(503, `unhealthy: ${problem}\n`);
      },
    ],
    // Alive also while it drains or is overloaded: liveness is another question than readiness.
    ["/health/live", () => textPage(200, "ok\n")],
  ]);
  if (metrics !== undefined) pages.set("/metrics", metrics);
  return pages;
}

function textPage(status: number, body: string): Page {
  return { status, contentType: "text/plain; charset=utf-8", body };
}
