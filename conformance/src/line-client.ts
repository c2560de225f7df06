import { type Client, type ClientCall, type ClientResult, clientEnv } from "./client.ts";
import { LineProgram } from "./line-program.ts";

/** An SDK in a process of its own that takes one call a line and answers one line. */
export class LineClient implements Client {
  readonly #program: LineProgram<ClientCall, ClientResult>;

  constructor(file: string, args: readonly string[], invokeUrl: string) {
    this.#program = new LineProgram(file, args, { ...clientEnv, INVOKE_URL: invokeUrl });
  }

  call(call: ClientCall): Promise<ClientResult> {
    return this.#program.ask(call);
  }

  async stop(): Promise<void> {
    this.#program.stop();
  }
}
