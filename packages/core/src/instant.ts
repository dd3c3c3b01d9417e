import * as z from "zod/mini";

/** An instant as ISO 8601 has it, with its distance from UTC; comes out as epoch milliseconds. */
export const instant = z.pipe(
  z.iso.datetime({ offset: true, error: "must be an instant such as 2026-11-23T09:30:00Z" }),
  z.transform((text: string) => Date.parse(text)),
);
