import * as z from "zod/mini";

/** Parses an instant in ISO 8601 with its offset from UTC; the output is epoch milliseconds. */
export const instant = z.pipe(
  z.iso.datetime({ offset: true, error: "must be an instant such as 2026-11-23T09:30:00Z" }),
  z.transform((text: string) => Date.parse(text)),
);
