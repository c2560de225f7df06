import { fillPlaceholders } from "./command-line.ts";
import type { Extensions } from "./extension-folder.ts";

/** Lambdad itself, an older version of it, another host, or the least that any host must do. */
export type SubjectRole = "lambdad" | "version" | "peer" | "floor";

/** Which function runs behind a subject, and in what. */
export type RuntimeKind = "go" | "node" | "go-stream" | "node-stream";

/** One host of functions that is measured. */
export interface Subject {
  readonly name: string;
  readonly role: SubjectRole;
  /** Words of its command, with placeholders: `{runtime}`, `{port}`, `{runtimePort}`, `{concurrency}`, `{opt}`. */
  readonly command: readonly string[];
  /** What it is given as `{runtime}`. A kind that is absent is not measured with it. */
  readonly runtimes: Readonly<Partial<Record<RuntimeKind, readonly string[]>>>;
  /** What runs beside the function; default: nothing. */
  readonly extensions?: Extensions;
  /** Variables over those that every subject gets. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What a subject is told for one run. */
export interface SubjectSettings {
  readonly port: number;
  readonly runtimePort: number;
  /** Runtime processes that may run at a time. */
  readonly concurrency: number;
  /** Folder that stands for `/opt`. */
  readonly opt: string;
}

/**
 * The words of the command that runs a subject. The runtime's command comes last where the subject's
 * command does not place it.
 */
export function subjectCommand(
  subject: Subject,
  runtime: readonly string[],
  settings: SubjectSettings,
): string[] {
  const command = subject.command.some((word) => word.includes("{runtime}"))
    ? subject.command
    : [...subject.command, "{runtime}"];
  return fillPlaceholders(command, {
    runtime,
    port: [String(settings.port)],
    runtimePort: [String(settings.runtimePort)],
    concurrency: [String(settings.concurrency)],
    opt: [settings.opt],
  });
}

/** Variables that lambdad and the peers read, over those of the caller. Reports and logs are off. */
export function subjectEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  settings: SubjectSettings,
): Record<string, string | undefined> {
  return {
    ...inherited,
    PORT: String(settings.port),
    INVOKE_API_HOST: "127.0.0.1",
    RUNTIME_API_HOST: "127.0.0.1",
    RUNTIME_API_PORT: String(settings.runtimePort),
    MAX_CONCURRENCY: String(settings.concurrency),
    LAMBDAD_EXTENSIONS_DIR: `${settings.opt}/extensions`,
    PRINT_REPORTS: "FALSE",
    LOG_LEVEL: "ERROR",
    AMQP_URI: undefined,
    AWS_LAMBDA_FUNCTION_NAME: "echo",
    AWS_LAMBDA_FUNCTION_TIMEOUT: "60",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
    // A host owes these to its runtimes. Not every peer sets them, and `aws-lambda-ric` insists.
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/echo",
    AWS_LAMBDA_LOG_STREAM_NAME: "$LATEST",
    LAMBDA_TASK_ROOT: process.cwd(),
    AWS_LAMBDA_MAX_CONCURRENCY: undefined,
    // The runtime's, and an inherited one would be another host's.
    AWS_LAMBDA_RUNTIME_API: undefined,
    _HANDLER: undefined,
  };
}
