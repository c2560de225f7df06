import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { conformanceRoot } from "../paths.ts";
import type { Part, Step } from "./install-part.ts";
import { pythonPart } from "./parts.ts";

const minuteMs = 60_000;

/** The AWS SDK for Java 1.12, whose encryption clients write versions 1 and 2, in the folder `lib`. */
export const s3EncryptionJava: Part = {
  name: "s3-encryption-java",
  pins: ["pins/s3-encryption-java"],
  toolchain: { command: "sh", args: ["-c", "java -version 2>&1 && javac -version && mvn -v"] },
  remedy: "Install a JDK 17 or later and Maven (Debian: apt-get install openjdk-17-jdk maven)",
  registry: "Maven Central",
  async install(folder: string, step: Step): Promise<void> {
    const repository = join(folder, "repository");
    await mkdir(repository);
    // Maven writes beside the file that it reads.
    const pom = join(conformanceRoot, "pins", "s3-encryption-java", "pom.xml");
    await cp(pom, join(folder, "pom.xml"));
    const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
    const places = ["-DoutputDirectory=lib", `-Dmaven.repo.local=${repository}`];
    await step("fetching it", "mvn", ["-B", "-q", goal, "-DincludeScope=runtime", ...places], {
      cwd: folder,
      timeoutMs: 10 * minuteMs,
    });
    await rm(repository, { recursive: true, force: true });
  },
};

/** aioboto3 with its encryption client. */
export const s3EncryptionPython: Part = pythonPart("s3-encryption-python", "s3-encryption-python");
