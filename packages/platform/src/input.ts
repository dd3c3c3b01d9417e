import type * as z from "zod/mini";

import { AppError, type InputError } from "./error";

/** Limits the errors in a response, so that a response is not much larger than its request. */
const MAX_ERRORS = 20;

/**
 * Validates the input and returns the schema's output. Throws an `AppError` of kind `input` with a
 * pointer to each invalid part.
 */
export function parse<S extends z.ZodMiniType>(schema: S, input: unknown): z.output<S> {
  // zod's locale is global to the process. Without `error`, a dependency that sets it would change
  // our messages.
  const result = schema.safeParse(input, { reportInput: true, error: () => DEFAULT_MESSAGE });
  if (result.success) return result.data;
  throw invalidInput(result.error.issues.flatMap(errorsOf));
}

/** Creates the error for an input with these faults. */
export function invalidInput(faults: InputError[]): AppError {
  const errors = faults.slice(0, MAX_ERRORS);
  const descriptions = errors.map(({ pointer, detail }) => `${pointer === "" ? "the input" : pointer} ${detail}`);
  const more = faults.length > MAX_ERRORS ? [`and ${faults.length - MAX_ERRORS} more`] : [];
  return new AppError("input", "input.invalid", `Invalid input: ${[...descriptions, ...more].join("; ")}.`, { errors });
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

/** Returns the issues of the alternative that accepts the input's type, if there is only one. */
function closestAlternative(alternatives: Issue[][]): Issue[] | undefined {
  const isOtherType = ({ code, path }: Issue) => code === "invalid_type" && path.length === 0;
  const [closest, ...others] = alternatives.filter((issues) => !issues.some(isOtherType));
  return others.length === 0 ? closest : undefined;
}

/** Formats a path as a JSON pointer (RFC 6901): `~` becomes `~0`, and `/` becomes `~1`. */
function pointerOf(path: PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Marks an issue for which the schema has no message. */
const DEFAULT_MESSAGE = "Invalid input";

function detailOf(issue: Issue): string {
  if (issue.message !== DEFAULT_MESSAGE) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is required" : `must be ${withArticle(issue.expected)}`;
    case "too_small":
      return `must ${verbFor(issue.origin)} at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `must ${verbFor(issue.origin)} at most ${issue.maximum}${unitOf(issue.origin)}`;
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

const UNITS: Record<string, string> = {
  string: " characters",
  array: " items",
  set: " items",
  object: " properties",
};

function verbFor(origin: string): string {
  return origin in UNITS ? "have" : "be";
}

function unitOf(origin: string): string {
  return UNITS[origin] ?? "";
}
