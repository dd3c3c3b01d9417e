import * as z from "zod/mini";

import { isId } from "./id";

// Schemas of single fields. They accept only values that JSON and DynamoDB store without loss.
// The PURE comments let a bundler drop unused schemas.

/** 1 to 1,000 characters, without control characters. */
export const Text = /* @__PURE__ */ z.string().check(
  /* @__PURE__ */ z.minLength(1),
  /* @__PURE__ */ z.maxLength(1000),
  /* @__PURE__ */ z.refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value), {
    error: "must not have control characters",
  }),
);

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** A key that callers choose. It is used in paths, so it has no characters that need escaping. */
export const Key = /* @__PURE__ */ z
  .string()
  .check(
    /* @__PURE__ */ z.maxLength(100),
    /* @__PURE__ */ z.regex(KEY, { error: "must be letters, digits, . _ and -" }),
  );

/** An id that `idFactory` made. */
export const Id = /* @__PURE__ */ z
  .string()
  .check(/* @__PURE__ */ z.refine((value) => isId(value), { error: "must be an id" }));

/** The smallest absolute value except 0. DynamoDB rejects numbers closer to 0 than 1e-130. */
const MIN_MAGNITUDE = 1e-100;

/** A number that is the same in JavaScript and DynamoDB. */
export const Amount = /* @__PURE__ */ z.number().check(
  /* @__PURE__ */ z.gte(Number.MIN_SAFE_INTEGER),
  /* @__PURE__ */ z.lte(Number.MAX_SAFE_INTEGER),
  /* @__PURE__ */ z.refine((value) => value === 0 || Math.abs(value) >= MIN_MAGNITUDE, {
    error: `must be 0 or have a size of at least ${MIN_MAGNITUDE}`,
  }),
);

/** A whole number from -(2^53 - 1) to 2^53 - 1. */
export const Integer = /* @__PURE__ */ z.int();

/** A time with its offset from UTC (RFC 3339). */
export const Timestamp = /* @__PURE__ */ z.iso.datetime({ offset: true });

/** The maximum number of items on a page, from 1 to 100. */
export const PageLimit = /* @__PURE__ */ z
  .string()
  .check(/* @__PURE__ */ z.regex(/^([1-9]\d?|100)$/, { error: "must be a whole number from 1 to 100" }));
