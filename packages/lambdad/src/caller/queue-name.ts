import { parseFunctionName } from "@lambdad/core";

/**
 * The queue of a function that is named in any of AWS's forms: its own name. What is none of them is a
 * queue's name as it stands. Pure. Source: spec amqp-rpc §3.
 */
export function queueNameOf(functionName: string): string {
  try {
    return parseFunctionName(functionName).name;
  } catch {
    return functionName;
  }
}
