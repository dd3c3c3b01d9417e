import { describe, expect, it } from "vitest";

import { AppError, type ErrorKind } from "./error";
import { problemOf } from "./problem";

describe("problemOf", () => {
  // Status codes and reason phrases: RFC 9110 section 15, RFC 6585 section 4.
  it.each<[ErrorKind, number, string]>([
    ["input", 400, "Bad Request"],
    ["unauthenticated", 401, "Unauthorized"],
    ["forbidden", 403, "Forbidden"],
    ["not-found", 404, "Not Found"],
    ["method", 405, "Method Not Allowed"],
    ["conflict", 409, "Conflict"],
    ["too-large", 413, "Content Too Large"],
    ["media-type", 415, "Unsupported Media Type"],
    ["limit", 429, "Too Many Requests"],
    ["internal", 500, "Internal Server Error"],
  ])("%s is %i %s", (kind, status, title) => {
    expect(problemOf(new AppError(kind, "input.invalid", "What was wrong."), "JCJM3j95PHcEJHg=")).toEqual({
      type: "urn:problem-type:input.invalid",
      title,
      status,
      detail: "What was wrong.",
      instance: "JCJM3j95PHcEJHg=",
    });
  });

  it("points at each part of the input that is wrong", () => {
    const errors = [{ pointer: "/name", detail: "is required" }];
    expect(problemOf(new AppError("input", "input.invalid", "Invalid input.", { errors }), "id").errors).toEqual(
      errors,
    );
  });

  it.each([[new TypeError("password is hunter2")], ["hunter2"], [undefined], [{ message: "hunter2" }]])(
    "tells nothing of an unexpected error: %s",
    (error) => {
      const problem = problemOf(error, "id");
      expect(problem).toMatchObject({ status: 500, type: "urn:problem-type:internal.unexpected" });
      expect(JSON.stringify(problem)).not.toContain("hunter2");
    },
  );
});
