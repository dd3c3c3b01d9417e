import { AppError } from "../error";

/**
 * Writes the record of an invocation. API Gateway's request id leads to the access log, Lambda's to
 * the platform's records.
 */
export function writeRecord(
  fields: Record<string, unknown> & { status: number; quotaError?: ErrorDescription },
  failure: unknown,
): void {
  if (fields.status < 500 && failure === undefined) console[fields.quotaError ? "error" : "info"](fields);
  else if (failure instanceof AppError && failure.cause instanceof Error && fields.status >= 500)
    console.error({ ...fields, code: failure.code, error: describe(failure.cause) });
  else if (failure instanceof AppError) console.info({ ...fields, code: failure.code });
  else console.error({ ...fields, error: describe(failure) });
}

export interface ErrorDescription {
  name: string;
  message: string;
  stack?: string;
}

export function describe(failure: unknown): ErrorDescription {
  if (!(failure instanceof Error)) return { name: typeof failure, message: String(failure) };
  const { name, message, stack } = failure;
  return { name, message, ...(stack !== undefined && { stack }) };
}
