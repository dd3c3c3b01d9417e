/**
 * Wrong usage of a command, with exit code 2. The message says what was found and what is expected.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
