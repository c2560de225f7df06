// Calls the function behind the queue `echo`, and prints what it returns.
//
// node client.ts [JSON]
import { connect, FunctionError } from "@lambdad/invoke-amqp";

const event: unknown = JSON.parse(process.argv[2] ?? '{"hello":"world"}');
const rpc = await connect(process.env["AMQP_URI"] ?? "amqp://localhost:5672");
try {
  const result = await rpc.invoke("echo", event, { timeoutMs: 5000 });
  console.log(JSON.stringify(result));
} catch (error) {
  // The function has thrown. Everything else, such as no queue of that name, is not its fault.
  if (!(error instanceof FunctionError)) throw error;
  console.error(`${error.errorType}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await rpc.close();
}
