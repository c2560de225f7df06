// Runs the calls that it reads from standard input with @lambdad/invoke-amqp, all on one connection:
// one JSON object a line, both ways. A line may be many calls, which are then in flight together.
import { createInterface } from "node:readline";
import { connect } from "@lambdad/invoke-amqp";

const client = await connect(process.argv[2]);

/** Bytes are `{ base64 }`, in both directions. */
async function call({ functionName, payload, options = {} }) {
  const bytes = payload?.base64;
  try {
    const result = await client.invoke(
      functionName,
      bytes === undefined ? payload : Buffer.from(bytes, "base64"),
      options,
    );
    const shown = Buffer.isBuffer(result) ? { base64: result.toString("base64") } : result;
    return { payload: shown };
  } catch (error) {
    const { name, message, code, errorType, trace } = error;
    return { error: { class: error.constructor.name, name, message, code, errorType, trace } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { calls } = JSON.parse(line);
  console.log(JSON.stringify(await Promise.all(calls.map((each) => call(each)))));
}
