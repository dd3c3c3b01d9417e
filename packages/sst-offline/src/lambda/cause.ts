import { inspect } from "node:util";

import { openAppend } from "../logs/append-file.mjs";
import type { RuntimeError } from "./report";

/** Why an environment ends: an error for its invocation, and lines for the log. */
export interface Cause {
  error: RuntimeError;
  status: "error" | "timeout";
  lines?: string;
}

export const STOPPED: Cause = {
  error: { errorType: "Runtime.ExitError", errorMessage: "The execution environment was stopped" },
  status: "error",
};

/** Returns the cause for a runtime that has exited with this status. */
export function exitCause(code: number): Cause {
  // The message is Lambda's: aws/aws-lambda-runtime-interface-emulator,
  // internal/lambda/rapid/exit.go
  const errorMessage =
    code === 0 ? "Runtime exited without providing a reason" : `Runtime exited with error: exit status ${code}`;
  return { error: { errorType: "Runtime.ExitError", errorMessage }, status: "error" };
}

/** Formats an uncaught value as Node.js prints it. */
export function formatUncaught(thrown: unknown): string {
  if (!(thrown instanceof Error) || thrown.stack === undefined) {
    const text = typeof thrown === "object" ? `Uncaught:\n${inspect(thrown)}` : String(thrown);
    return `${text}\n(Use \`node --trace-uncaught ...\` to show where the exception was thrown)`;
  }
  const { name: _, ...fields } = { ...("code" in thrown && { code: thrown.code }), ...thrown };
  return Object.keys(fields).length === 0 ? thrown.stack : `${thrown.stack} ${inspect(fields, { compact: false })}`;
}

/** Appends to the log stream of an ended worker. Throws if the file cannot be written. */
export function appendLines(file: string, lines: string): void {
  if (lines === "") return;
  const log = openAppend(file);
  try {
    log.append(lines);
  } finally {
    log.close();
  }
}
