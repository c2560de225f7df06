// Runs the calls that it reads from standard input with the AWS SDK for JavaScript v3: one JSON object
// a line, both ways. The SDK is in the folder of the first argument.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(join(process.argv[2], "package.json"));
const {
  LambdaClient,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
} = require("@aws-sdk/client-lambda");

const client = new LambdaClient({
  endpoint: process.env.INVOKE_URL,
  region: "us-east-1",
  maxAttempts: 1,
});

const text = (base64) =>
  base64 === undefined ? undefined : Buffer.from(base64, "base64").toString();

/** The members of a call that are the SDK's own. */
function parameters(call) {
  const input = { ...call };
  delete input.stream;
  if (call.Payload !== undefined) input.Payload = Buffer.from(call.Payload);
  return input;
}

async function invoke(call) {
  const answer = await client.send(new InvokeCommand(parameters(call)));
  return {
    status: answer.StatusCode,
    payload: Buffer.from(answer.Payload ?? []).toString(),
    functionError: answer.FunctionError,
    executedVersion: answer.ExecutedVersion,
    log: text(answer.LogResult),
    requestId: answer.$metadata.requestId,
  };
}

async function stream(call) {
  const answer = await client.send(new InvokeWithResponseStreamCommand(parameters(call)));
  const pieces = [];
  let complete;
  for await (const event of answer.EventStream) {
    if (event.PayloadChunk !== undefined) pieces.push(event.PayloadChunk.Payload);
    if (event.InvokeComplete !== undefined) complete = event.InvokeComplete;
  }
  return {
    status: answer.StatusCode,
    payload: Buffer.concat(pieces).toString(),
    executedVersion: answer.ExecutedVersion,
    requestId: answer.$metadata.requestId,
    complete: {
      errorCode: complete.ErrorCode,
      errorDetails: complete.ErrorDetails,
      log: text(complete.LogResult),
    },
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  let result;
  try {
    result = await (call.stream ? stream(call) : invoke(call));
  } catch (error) {
    result = {
      error: {
        class: error.constructor.name,
        name: error.name,
        message: error.message,
        status: error.$metadata?.httpStatusCode,
        requestId: error.$metadata?.requestId,
        reason: error.Reason,
        retryAfter: error.retryAfterSeconds,
      },
    };
  }
  console.log(JSON.stringify(result));
}
