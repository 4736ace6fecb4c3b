/** What every command of the program is given: where its words go, and how it says its exit code. */

/** Where the words go; tests pass their own. */
export interface ProgramOutput {
  out(text: string): void;
  err(text: string): void;
}

export interface CommandContext {
  readonly output: ProgramOutput;
  /** For commands whose answer is a code; all others end with 0, or throw. */
  exitWith(code: number): void;
}
