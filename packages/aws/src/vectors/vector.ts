/** One published case: its name, and what runs it. */
export interface Vector {
  readonly name: string;
  /** Gives what is wrong on one line, `undefined` when nothing is; may throw. */
  run(): Promise<string | undefined> | string | undefined;
}
