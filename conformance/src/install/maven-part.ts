import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { conformanceRoot } from "../paths.ts";
import type { Part, Step } from "./install-part.ts";

const timeoutMs = 10 * 60_000;

/** The packages of one `pom.xml`, with everything that they need, in the folder `lib`. */
export function mavenPart(name: string, java: Pick<Part, "toolchain" | "remedy">): Part {
  return {
    name,
    pins: [`pins/${name}`],
    ...java,
    registry: "Maven Central",
    async install(folder: string, step: Step): Promise<void> {
      const repository = join(folder, "repository");
      await mkdir(repository);
      // Maven writes beside the file that it reads.
      await cp(join(conformanceRoot, "pins", name, "pom.xml"), join(folder, "pom.xml"));
      const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
      const places = ["-DoutputDirectory=lib", `-Dmaven.repo.local=${repository}`];
      const args = ["-B", "-q", goal, "-DincludeScope=runtime", ...places];
      await step("fetching it", "mvn", args, { cwd: folder, timeoutMs });
      await rm(repository, { recursive: true, force: true });
    },
  };
}
