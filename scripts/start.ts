// npm start
//
// Serves examples/echo, on port 8080 or PORT, and says what to type next.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { forwardSignals } from "./forward-signals.mjs";
import { root } from "./repository.ts";

const main = join(root, "packages", "lambdad", "src", "main.ts");

/** What a newcomer may type, in another terminal. */
function nextSteps(url: string): string {
  const path = "/2015-03-31/functions/echo/invocations";
  const endpoint = url === "http://127.0.0.1:8080" ? "" : `--endpoint-url ${url} `;
  return `
The function of examples/echo answers. In another terminal, in this folder, type one of:

  curl -d '{"hello":"world"}' ${url}${path}

  npm run --silent lambdad -- invoke ${endpoint}echo '{"hello":"world"}'

  aws lambda invoke --endpoint-url ${url} --region us-east-1 --no-sign-request \\
    --function-name echo --payload fileb://examples/echo/event.json /dev/stdout

Ctrl-C stops it.

`;
}

const daemon = spawn(
  process.execPath,
  ["--conditions=@lambdad/source", main, "run", "examples/echo/echo.handler"],
  { cwd: root, stdio: ["inherit", "inherit", "pipe"] },
);
forwardSignals(daemon);
daemon.on("exit", (code) => (process.exitCode = code ?? 1));

let isListening = false;
for await (const line of createInterface({ input: daemon.stderr })) {
  process.stderr.write(`${line}\n`);
  if (line.includes("the port is taken")) process.stderr.write("Type: PORT=8081 npm start\n");
  const url = /\blistening on (http:\/\/[^\s"]+)/.exec(line)?.[1];
  if (isListening || url === undefined) continue;
  isListening = true;
  process.stdout.write(nextSteps(url));
}
