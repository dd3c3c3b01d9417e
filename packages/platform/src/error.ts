/** The kind of an error. `problem.ts` maps it to an HTTP status. */
export type ErrorKind =
  | "input"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "method"
  | "media-type"
  | "too-large"
  | "unprocessable"
  | "conflict"
  | "limit"
  | "unavailable"
  | "internal";

/** Stable name of an error, `<noun>.<reason>`: the last part of a problem's `type`. */
export type ErrorCode = `${string}.${string}`;

/** One invalid part of the input: its JSON pointer (RFC 6901), and what was expected there. */
export interface InputError {
  pointer: string;
  detail: string;
}

export interface AppErrorOptions extends ErrorOptions {
  errors?: InputError[];
  /** Seconds after which the same request may succeed. */
  retryAfter?: number;
}

/** An error whose message may reach the caller. It names the fault and what was expected. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly errors: InputError[];
  readonly retryAfter: number | undefined;

  constructor(kind: ErrorKind, code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    const { errors = [], retryAfter, ...rest } = options;
    super(message, rest);
    this.kind = kind;
    this.code = code;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }
}
