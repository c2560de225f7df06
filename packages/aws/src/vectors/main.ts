// npm run test:vectors
//
// Runs the published cases of AWS's protocols and signatures that are in the folder CONFORMANCE_DIR
// (default ../shared/conformance). Prints each failure on a line and then `N passed, N failed`.
import { resolve } from "node:path";
import { conformanceFolder } from "./conformance-folder.ts";
import { runVectors } from "./run-vectors.ts";

const folder = resolve(process.env["CONFORMANCE_DIR"] ?? conformanceFolder);
const { passed, failures, excused } = await runVectors(folder);
const lines = failures.map((failure) => `${failure}\n`);
if (passed + failures.length === 0) lines.push(`There are no cases in "${folder}"\n`);
if (excused > 0) lines.push(`${excused} differ on purpose: see src/vectors/exceptions.ts\n`);
lines.push(`${passed} passed, ${failures.length} failed\n`);
process.stdout.write(lines.join(""));
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
