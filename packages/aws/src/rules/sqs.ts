import { ChecksumError } from "../client/errors.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import type { ServiceRules } from "./service-rules.ts";
import { attributesMd5, md5Of, type SqsAttributes } from "./sqs-md5.ts";

/** A message as one of the operations has it. */
type Message = Readonly<Record<string, unknown>>;

/**
 * SQS: the digests in its answers are compared with what was sent or received (CL-9), and requests
 * may go to the host of the queue's URL. Source: aws-client.md §8, §17.
 */
export const sqsRules: ServiceRules = {
  endpoint(_operation, { QueueUrl }, { parts }) {
    if (parts.options.useQueueUrlAsEndpoint !== true || typeof QueueUrl !== "string") {
      return undefined;
    }
    return URL.canParse(QueueUrl) ? new URL(QueueUrl).origin : undefined;
  },
  output({ name }, output, _response, input) {
    if (name === "SendMessage") checkSent(input, output);
    else if (name === "SendMessageBatch") checkBatch(input, output);
    else if (name === "ReceiveMessage") {
      for (const message of listOf(output["Messages"])) checkReceived(message);
    }
  },
};

function listOf(value: unknown): readonly Message[] {
  return Array.isArray(value) ? (value as readonly Message[]) : [];
}

function checkBatch(input: Input, output: Output): void {
  const entries = new Map(listOf(input["Entries"]).map((entry) => [entry["Id"], entry]));
  for (const result of listOf(output["Successful"])) {
    const entry = entries.get(result["Id"]);
    if (entry !== undefined) checkSent(entry, result);
  }
}

/** What arrived is not what was sent: the queue has it all the same, so it is not sent again. */
function checkSent(message: Message, result: Message): void {
  compare(message["MessageBody"], result["MD5OfMessageBody"], false);
  compareAttributes(message["MessageAttributes"], result["MD5OfMessageAttributes"], false);
  compareAttributes(
    message["MessageSystemAttributes"],
    result["MD5OfMessageSystemAttributes"],
    false,
  );
}

function checkReceived(message: Message): void {
  compare(message["Body"], message["MD5OfBody"], true);
  compareAttributes(message["MessageAttributes"], message["MD5OfMessageAttributes"], true);
}

/** @throws ChecksumError */
function compare(text: unknown, expected: unknown, repeatable: boolean): void {
  if (typeof text !== "string" || typeof expected !== "string") return;
  accept(expected, md5Of(text), repeatable);
}

function compareAttributes(attributes: unknown, expected: unknown, repeatable: boolean): void {
  if (typeof attributes !== "object" || attributes === null) return;
  if (typeof expected !== "string" || Object.keys(attributes).length === 0) return;
  accept(expected, attributesMd5(attributes as SqsAttributes), repeatable);
}

function accept(expected: string, actual: string | undefined, repeatable: boolean): void {
  if (actual === undefined || actual === expected) return;
  throw new ChecksumError("MD5", expected, actual, { repeatable });
}
