// The function of the invokers' contract suite, with bytes as bytes.
import { perform } from "../../../../testkit/src/fixtures/contract-behaviour.mjs";

export async function handler(event, context) {
  const answer = await perform(event, {
    log: (text) => console.log(text),
    exit: (code) => process.exit(code),
    context: () => ({
      awsRequestId: context.awsRequestId,
      invokedFunctionArn: context.invokedFunctionArn,
      clientContext: context.clientContext,
    }),
  });
  if (answer.kind === "json") return JSON.parse(answer.text);
  return answer.kind === "bytes" ? answer.bytes : Buffer.concat(answer.pieces);
}
