import { join } from "node:path";
import { DaemonProcess } from "./daemon-process.ts";
import { LineProgram } from "./line-program.ts";
import { fixture } from "./paths.ts";

/** What a caller in Python does: one connection, one reply queue, all requests at once. */
export interface AmqpBatch {
  /** `shared`: not exclusive, as the existing clients declare it; `direct`: `amq.rabbitmq.reply-to`. */
  readonly reply: ReplyKind;
  readonly requests: readonly AmqpRequest[];
  /** How long replies are waited for; fewer are a result too. */
  readonly waitMs: number;
}

export type ReplyKind = "exclusive" | "shared" | "direct";

export interface AmqpRequest {
  readonly queue: string;
  /** Base64. */
  readonly body?: string;
  readonly properties?: AmqpProperties;
  /** False: no `reply_to`. Default true. */
  readonly answered?: boolean;
  readonly mandatory?: boolean;
}

/** Properties of a message; what is not here was not set. */
export interface AmqpProperties {
  readonly contentType?: string;
  readonly deliveryMode?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
  readonly priority?: number;
  readonly expiration?: string;
  readonly messageId?: string;
  readonly timestamp?: number;
  readonly type?: string;
  readonly userId?: string;
  readonly appId?: string;
  readonly replyTo?: string;
}

/** A message that has arrived, in the order of arrival. */
export interface AmqpMessage extends AmqpProperties {
  /** Base64. */
  readonly body: string;
}

/** What came back for a batch. */
export interface AmqpAnswers {
  readonly replies: readonly AmqpMessage[];
  readonly returned: readonly { readonly code: number; readonly correlationId?: string }[];
}

/** A caller on `pika`, blocking or on an event loop. */
export class PythonCaller {
  readonly #program: LineProgram<AmqpBatch, AmqpAnswers & { readonly error?: string }>;

  constructor(folder: string, kind: "blocking" | "asyncio", brokerUri: string) {
    const script = fixture("amqp-python", `caller_${kind}.py`);
    this.#program = new LineProgram(pythonOf(folder), [script, brokerUri], pythonEnv);
  }

  /** Throws when the connection fails; requests without an answer are missing in the result. */
  async call(batch: AmqpBatch): Promise<AmqpAnswers> {
    const { error, ...answers } = await this.#program.ask(batch);
    if (error !== undefined) throw new Error(`Cannot call over AMQP: ${error}`);
    return answers;
  }

  stop(): void {
    this.#program.stop();
  }
}

const startMs = 30_000;

/** Starts the function host in Python and waits until it consumes. */
export async function startPythonHost(
  folder: string,
  queue: string,
  brokerUri: string,
): Promise<DaemonProcess> {
  const script = fixture("amqp-python", "host.py");
  const host = new DaemonProcess(pythonOf(folder), [script, brokerUri, queue], { env: pythonEnv });
  try {
    await host.output.waitFor(new RegExp(`^consuming ${queue}$`, "m"), startMs);
    return host;
  } catch (error) {
    await host.stop();
    throw error;
  }
}

/** No compiled files in the checkout. */
const pythonEnv = { PYTHONDONTWRITEBYTECODE: "1" };

function pythonOf(folder: string): string {
  return join(folder, "bin", "python");
}

/** A body as the programs in Python take it. */
export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** The body of a message as text. */
export function bodyText(message: AmqpMessage | undefined): string {
  return Buffer.from(message?.body ?? "", "base64").toString();
}
