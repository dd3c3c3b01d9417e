/**
 * A message from a worker. `runtime.mjs` sends these, but the function's code may send anything.
 */
export type Report =
  | { type: "ready" }
  | { type: "init-failed"; error: RuntimeError }
  | { type: "notice"; text: string }
  | InvocationReport;

/** Result of the invocation with this sequence number. `exits`: the worker is about to exit. */
export type InvocationReport =
  | { type: "result"; sequence: number; json: string }
  | { type: "failed"; sequence: number; error: RuntimeError; exits: boolean };

export interface RuntimeError {
  errorType: string;
  errorMessage: string;
}

/** Returns undefined for anything that is not a report. */
export function parseReport(message: unknown): Report | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const report = message as Record<string, unknown>;
  switch (report.type) {
    case "ready":
      return { type: "ready" };
    case "notice":
      return typeof report.text === "string" ? { type: "notice", text: report.text } : undefined;
    case "init-failed":
      return isError(report.error) ? { type: "init-failed", error: report.error } : undefined;
    case "result":
      return typeof report.sequence === "number" && typeof report.json === "string"
        ? (report as InvocationReport)
        : undefined;
    case "failed":
      return typeof report.sequence === "number" && isError(report.error) ? (report as InvocationReport) : undefined;
    default:
      return undefined;
  }
}

function isError(value: unknown): value is RuntimeError {
  if (typeof value !== "object" || value === null) return false;
  const error = value as Record<string, unknown>;
  return typeof error.errorType === "string" && typeof error.errorMessage === "string";
}
