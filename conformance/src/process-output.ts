/** What a process wrote, in the order of arrival, with a bound. */
export class ProcessOutput {
  #text = "";
  #waiting: {
    readonly pattern: RegExp;
    readonly settle: (match: RegExpExecArray | undefined) => void;
  }[] = [];
  #ended = false;
  /** Called with every piece; a soak counts lines without keeping them. */
  onText: ((text: string, stream: "stdout" | "stderr") => void) | undefined;

  /** Both streams together; the oldest part is dropped over 32 MiB. */
  get text(): string {
    return this.#text;
  }

  push(stream: "stdout" | "stderr", piece: Buffer): void {
    const text = piece.toString("utf8");
    this.onText?.(text, stream);
    this.#text += text;
    if (this.#text.length > charactersMax) this.#text = this.#text.slice(-charactersMax / 2);
    this.#check();
  }

  /** Nothing more will come: what waits for a line fails at once. */
  end(): void {
    this.#ended = true;
    this.#check();
  }

  /** The first match in all that was written; throws when it does not come in time. */
  async waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<RegExpExecArray | undefined>();
    const entry = { pattern, settle: resolve };
    this.#waiting.push(entry);
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    this.#check();
    const match = await promise;
    clearTimeout(timer);
    this.#waiting = this.#waiting.filter((other) => other !== entry);
    if (match !== undefined) return match;
    const last = this.#text.slice(-4_000);
    throw new Error(
      `Cannot find ${String(pattern)} in the output within ${timeoutMs} ms:\n${last}`,
    );
  }

  #check(): void {
    for (const { pattern, settle } of this.#waiting) {
      const match = pattern.exec(this.#text);
      if (match !== null) settle(match);
      else if (this.#ended) settle(undefined);
    }
  }
}

const charactersMax = 32 * 1024 * 1024;
