/** What of a stream is needed: where lines go, and whether a person reads them. */
export interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** What a command needs of the process that it runs in. */
export interface Environment {
  stdout: Output;
  stderr: Output;
  stdin: AsyncIterable<Uint8Array>;
  env: NodeJS.ProcessEnv;
  /** Where the person stands: a package manager runs its scripts elsewhere. */
  cwd: string;
  /** Aborted when the person wants it to end. */
  signal: AbortSignal;
}
