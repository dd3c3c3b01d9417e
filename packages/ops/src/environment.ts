/** A stream for a command's output. */
export interface Output {
  isTTY?: boolean;
  /** Width in characters; only a terminal has one. */
  columns?: number;
  write(text: string): unknown;
}

/** The process in which a command runs. */
export interface Environment {
  stdout: Output;
  stderr: Output;
  stdin: AsyncIterable<Uint8Array>;
  env: NodeJS.ProcessEnv;
  /** The folder in which the command was typed. A package manager runs scripts in another one. */
  cwd: string;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}
