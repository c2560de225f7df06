import type { CredentialsError } from "../client/errors.ts";
import { jsonCredentials, parseSecretJson } from "./json-credentials.ts";
import { profileSetting } from "./profile-setting.ts";
import { providerError } from "./provided.ts";
import type { Environment } from "../configuration/shared-configuration.ts";
import type { ChainContext, Provided } from "./provider.ts";
import { redact } from "./redact.ts";
import { splitCommand } from "./split-command.ts";

const PROVIDER = "process";
/** The program may ask a person, in a window; AWS's SDK for Go waits as long. */
const PROCESS_TIMEOUT_MS = 60_000;
const OUTPUT_BYTES_MAX = 65_536;

/**
 * Runs the profile's `credential_process`, without a shell, and reads its JSON (`Version` 1).
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 */
export async function processCredentials(context: ChainContext): Promise<Provided | string> {
  const { files, profile, environment } = context;
  const command = profileSetting(files, profile, "credential_process");
  if (command === undefined) return `profile "${profile}" has no credential_process`;
  const [program, ...args] = splitCommand(command, process.platform === "win32") ?? [];
  if (program === undefined) throw failure(profile, "a quote in it is not closed, or it is empty");
  const output = await runProgram({ program, args, profile, environment });
  const json = parseSecretJson(output);
  if (json === undefined) throw failure(profile, `"${program}" did not write a JSON object`);
  if (json["Version"] !== 1) {
    const version = redact(JSON.stringify(json["Version"] ?? null));
    throw failure(profile, `"${program}" wrote Version ${version}, and only 1 is known`);
  }
  return jsonCredentials(
    { AccountId: profileSetting(files, profile, "aws_account_id"), ...json },
    { provider: PROVIDER, origin: `program "${program}"`, tokenMember: "SessionToken" },
  );
}

/** A program to run. */
export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly profile: string;
  readonly environment: Environment;
  readonly timeoutMs?: number | undefined;
}

/**
 * Runs a program and gives what it wrote. Its arguments are in no error: they can hold secrets.
 * @throws CredentialsError when it cannot start, fails, or exceeds 60 s or 64 KiB.
 */
export async function runProgram(run: ProgramRun): Promise<string> {
  const { program, args, profile, environment, timeoutMs = PROCESS_TIMEOUT_MS } = run;
  const { execFile } = await import("node:child_process");
  return new Promise((resolve, reject) => {
    const options = {
      env: environment,
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: OUTPUT_BYTES_MAX,
      windowsHide: true,
    } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = redact(stderr);
      reject(failure(profile, `"${program}" ${ending(error, timeoutMs)}${said && `: ${said}`}`));
    });
    // Nobody is there to type; a program that asks gets the end of its input.
    child.stdin?.on("error", () => undefined).end();
  });
}

/** What is known of a program's end. */
interface ProgramEnd {
  readonly code?: string | number | null | undefined;
  readonly signal?: string | null | undefined;
  readonly killed?: boolean | undefined;
}

function ending({ code, signal, killed }: ProgramEnd, timeoutMs: number): string {
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
    return `wrote more than ${OUTPUT_BYTES_MAX} bytes`;
  }
  if (killed === true) return `did not end within ${timeoutMs / 1000} s`;
  if (typeof code === "string") return `cannot be started (${code})`;
  return signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
}

function failure(profile: string, reason: string): CredentialsError {
  return providerError(
    PROVIDER,
    `Cannot use the credential_process of profile "${profile}": ${reason}`,
  );
}
