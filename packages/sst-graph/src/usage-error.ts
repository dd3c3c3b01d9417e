/** Something that was asked for cannot be had: the message says what, and what could be. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
