import type { Part } from "./install-part.ts";
import { mavenPart } from "./maven-part.ts";
import { pythonPart } from "./parts.ts";

/** The AWS SDK for Java 1.12, whose encryption clients write versions 1 and 2, in the folder `lib`. */
export const s3EncryptionJava: Part = mavenPart("s3-encryption-java", {
  toolchain: { command: "sh", args: ["-c", "java -version 2>&1 && javac -version && mvn -v"] },
  remedy: "Install a JDK 17 or later and Maven (Debian: apt-get install openjdk-17-jdk maven)",
});

/** aioboto3 with its encryption client. */
export const s3EncryptionPython: Part = pythonPart("s3-encryption-python", "s3-encryption-python");
