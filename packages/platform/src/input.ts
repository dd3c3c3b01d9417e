import type * as z from "zod/mini";

import { AppError, type InputError } from "./error";

/** Errors that an answer lists at most: it must not be many times the size of its request. */
const MAX_ERRORS = 20;

/**
 * Returns the input as the schema's output. Throws an `AppError` of kind `input` that points at each
 * part that the schema refuses.
 */
export function parse<S extends z.ZodMiniType>(schema: S, input: unknown): z.output<S> {
  // zod's locale is global to a process: without `error`, a dependency that loads another zod would
  // change our messages.
  const result = schema.safeParse(input, { reportInput: true, error: () => UNWORDED });
  if (result.success) return result.data;
  throw invalidInput(result.error.issues.flatMap(errorsOf));
}

/** The error of an input that is wrong in these places. */
export function invalidInput(found: InputError[]): AppError {
  const errors = found.slice(0, MAX_ERRORS);
  const where = errors.map(({ pointer, detail }) => `${pointer === "" ? "the input" : pointer} ${detail}`);
  const more = found.length > MAX_ERRORS ? [`and ${found.length - MAX_ERRORS} more`] : [];
  return new AppError("input", "input.invalid", `Invalid input: ${[...where, ...more].join("; ")}.`, { errors });
}

type Issue = z.core.$ZodIssue;

function errorsOf(issue: Issue): InputError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), detail: "is not a known property" }));
  }
  if (issue.code === "invalid_union") {
    const alternative = closestAlternative(issue.errors);
    if (alternative !== undefined)
      return alternative.flatMap((one) => errorsOf({ ...one, path: [...issue.path, ...one.path] }));
  }
  return [{ pointer: pointerOf(issue.path), detail: detailOf(issue) }];
}

/** Returns the errors of the alternative that takes values of the input's type, if only one does. */
function closestAlternative(alternatives: Issue[][]): Issue[] | undefined {
  const isOtherType = ({ code, path }: Issue) => code === "invalid_type" && path.length === 0;
  const [closest, ...others] = alternatives.filter((issues) => !issues.some(isOtherType));
  return others.length === 0 ? closest : undefined;
}

/** RFC 6901: `~` is written `~0`, `/` is written `~1`. */
function pointerOf(path: PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Stands for the message of an issue that the schema has no message for. */
const UNWORDED = "Invalid input";

function detailOf(issue: Issue): string {
  if (issue.message !== UNWORDED) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is required" : `must be ${withArticle(issue.expected)}`;
    case "too_small":
      return `must ${sized(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}`;
    case "too_big":
      return `must ${sized(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "invalid_format":
      return `must be in the format ${issue.format}`;
    default:
      return "is not valid";
  }
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

const COUNTED: Record<string, string> = {
  string: " characters",
  array: " items",
  set: " items",
  object: " properties",
};

function sized(origin: string): string {
  return origin in COUNTED ? "have" : "be";
}

function unit(origin: string): string {
  return COUNTED[origin] ?? "";
}
