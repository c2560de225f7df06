import { availableParallelism } from "node:os";
import { join } from "node:path";
import { conformanceRoot } from "../paths.ts";
import type { Part, Step } from "./install-part.ts";
import { mavenPart } from "./maven-part.ts";
import { pythonPart } from "./parts.ts";

const jobs = String(Math.max(1, Math.floor(availableParallelism() / 2)));
const minuteMs = 60_000;

/** An S3 server that verifies signatures, in Go; it keeps objects as files. */
export const versitygw: Part = {
  name: "versitygw",
  pins: ["pins/versitygw"],
  toolchain: { command: "go", args: ["env", "GOVERSION"] },
  remedy: "Install Go 1.26 or later (https://go.dev/dl)",
  registry: "The Go module proxy",
  async install(folder: string, step: Step): Promise<void> {
    const command = "github.com/versity/versitygw/cmd/versitygw";
    // Without debug information: it halves the linking.
    const flags = ["-mod=readonly", "-p", jobs, "-trimpath", "-ldflags=-s -w"];
    const args = ["build", ...flags, "-o", join(folder, "versitygw"), command];
    await step("building the server", "go", args, {
      cwd: join(conformanceRoot, "pins", "versitygw"),
      env: { CGO_ENABLED: "0" },
      timeoutMs: 15 * minuteMs,
    });
  },
};

/** Amazon's DynamoDB Local with everything that it needs, in the folder `lib`. */
export const dynamodbLocal: Part = mavenPart("dynamodb-local", {
  toolchain: { command: "sh", args: ["-c", "java -version 2>&1 && mvn -v"] },
  remedy: "Install Java 17 or later and Maven (Debian: apt-get install openjdk-17-jre maven)",
});

/** moto: stand-ins for most of AWS's services, in Python. It verifies no signatures. */
export const moto: Part = pythonPart("moto", "moto");
