import * as z from "zod/mini";

import { isId } from "./id";

// Schemas of single fields. Each takes only what JSON and DynamoDB hold without loss. PURE comments let a bundle leave
// out those that it does not use.

/** 1 to 1,000 characters, without control characters. */
export const Text = /* @__PURE__ */ z.string().check(
  /* @__PURE__ */ z.minLength(1),
  /* @__PURE__ */ z.maxLength(1000),
  /* @__PURE__ */ z.refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value), { error: "must not have control characters" }),
);

/** A key that callers choose. It stands in paths, so it has no characters that need escapes. */
export const Key = /* @__PURE__ */ z
  .string()
  .check(
    /* @__PURE__ */ z.maxLength(100),
    /* @__PURE__ */ z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: "must be letters, digits, . _ and -" }),
  );

/** An id that `idFactory` made. */
export const Id = /* @__PURE__ */ z
  .string()
  .check(/* @__PURE__ */ z.refine((value) => isId(value), { error: "must be an id" }));

/** Numbers below this size are 0 to callers, and DynamoDB refuses those below 1e-130. */
const SMALLEST = 1e-100;

/** A number that JavaScript and DynamoDB represent alike. */
export const Amount = /* @__PURE__ */ z.number().check(
  /* @__PURE__ */ z.gte(Number.MIN_SAFE_INTEGER),
  /* @__PURE__ */ z.lte(Number.MAX_SAFE_INTEGER),
  /* @__PURE__ */ z.refine((value) => value === 0 || Math.abs(value) >= SMALLEST, {
    error: `must be 0 or have a size of at least ${SMALLEST}`,
  }),
);

/** A whole number without a fraction, at most 2^53 - 1 in size. */
export const Integer = /* @__PURE__ */ z.int();

/** A moment with its offset from UTC: RFC 3339. */
export const Timestamp = /* @__PURE__ */ z.iso.datetime({ offset: true });

/** Items that a page may have at most: 1 to 100. */
export const PageLimit = /* @__PURE__ */ z
  .string()
  .check(/* @__PURE__ */ z.regex(/^([1-9]\d?|100)$/, { error: "must be a whole number from 1 to 100" }));
