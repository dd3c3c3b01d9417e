import { describe, expect, it } from "vitest";
import * as z from "zod/mini";

import { AppError, type InputError } from "./error";
import { parse } from "./input";

const schema = z.strictObject({
  name: z.string().check(z.minLength(2), z.maxLength(3)),
  count: z.optional(z.number().check(z.gte(1), z.lte(9))),
  tags: z.optional(z.array(z.string()).check(z.maxLength(2))),
  outcome: z.optional(z.enum(["success", "failure"])),
  "a/b~c": z.optional(z.strictObject({ deep: z.boolean() })),
});

function errorsOf(input: unknown, against: z.ZodMiniType = schema): InputError[] {
  try {
    parse(against, input);
  } catch (error) {
    if (error instanceof AppError) return error.errors;
  }
  throw new Error("expected an AppError");
}

describe("parse", () => {
  it("returns valid input", () => {
    expect(parse(schema, { name: "ab" })).toEqual({ name: "ab" });
  });

  it.each<[string, unknown, InputError[]]>([
    ["one object", { count: 1 }, [{ pointer: "/name", detail: "is required" }]],
    ["a list", [{ name: "ab" }, { name: 1 }], [{ pointer: "/1/name", detail: "must be a string" }]],
    ["neither of them", 7, [{ pointer: "", detail: "is not valid" }]],
  ])("points into the alternative of a union that accepts such values: %s", (_title, input, errors) => {
    expect(errorsOf(input, z.union([schema, z.array(schema)]))).toEqual(errors);
  });

  it.each<[string, unknown, InputError[]]>([
    ["nothing", undefined, [{ pointer: "", detail: "is required" }]],
    ["null", null, [{ pointer: "", detail: "must be an object" }]],
    ["a list", [], [{ pointer: "", detail: "must be an object" }]],
    ["a missing property", {}, [{ pointer: "/name", detail: "is required" }]],
    ["a wrong type", { name: 1 }, [{ pointer: "/name", detail: "must be a string" }]],
    ["1 character of at least 2", { name: "a" }, [{ pointer: "/name", detail: "must have at least 2 characters" }]],
    ["4 characters of at most 3", { name: "abcd" }, [{ pointer: "/name", detail: "must have at most 3 characters" }]],
    ["0 of at least 1", { name: "ab", count: 0 }, [{ pointer: "/count", detail: "must be at least 1" }]],
    ["10 of at most 9", { name: "ab", count: 10 }, [{ pointer: "/count", detail: "must be at most 9" }]],
    [
      "3 items of at most 2",
      { name: "ab", tags: ["", "", ""] },
      [{ pointer: "/tags", detail: "must have at most 2 items" }],
    ],
    ["an item of a wrong type", { name: "ab", tags: ["", 1] }, [{ pointer: "/tags/1", detail: "must be a string" }]],
    [
      "a value that is not in the list",
      { name: "ab", outcome: "x" },
      [{ pointer: "/outcome", detail: 'must be "success" or "failure"' }],
    ],
    ["an unknown property", { name: "ab", extra: 1 }, [{ pointer: "/extra", detail: "is not a known property" }]],
    [
      "two faults",
      { count: "1" },
      [
        { pointer: "/name", detail: "is required" },
        { pointer: "/count", detail: "must be a number" },
      ],
    ],
    // RFC 6901, section 3: "~" is written "~0", "/" is written "~1".
    [
      "a name with / and ~",
      { name: "ab", "a/b~c": { deep: 1 } },
      [{ pointer: "/a~1b~0c/deep", detail: "must be a boolean" }],
    ],
    [
      "a property that would set the prototype",
      JSON.parse('{"name":"ab","__proto__":{"x":1}}'),
      [{ pointer: "/__proto__", detail: "is not a known property" }],
    ],
  ])("points at %s", (_title, input, errors) => {
    expect(errorsOf(input)).toEqual(errors);
  });

  it("lists every fault in its message", () => {
    expect(() => parse(schema, { extra: 1 })).toThrow(
      "Invalid input: /name is required; /extra is not a known property.",
    );
  });
});

// zod keeps its locale for the whole process
// (https://zod.dev/error-customization#internationalization).
it("gives the same messages after a dependency has set zod's locale", () => {
  const before = z.config().localeError;
  z.config(z.locales.de());
  try {
    expect(errorsOf({ name: 7 })).toEqual([{ pointer: "/name", detail: "must be a string" }]);
  } finally {
    z.config({ localeError: before });
  }
});

it("lists at most 20 faults and the number of the others", () => {
  const input = Object.fromEntries(Array.from({ length: 6000 }, (_, index) => [`k${index}`, 1]));
  expect(errorsOf({ name: "ab", ...input })).toHaveLength(20);
  expect(() => parse(schema, { name: "ab", ...input })).toThrow(/\/k19 is not a known property; and 5980 more\.$/);
});
