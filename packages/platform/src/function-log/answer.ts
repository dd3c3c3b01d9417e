import * as z from "zod/mini";

/** The response of `GET /function-log`. */
export const FunctionLogAnswer = z.object({
  logGroup: z.string(),
  /** Oldest first. */
  records: z.array(
    z.object({
      /** ISO instant in UTC. */
      timestamp: z.string(),
      /** The parsed JSON, or the text if it is not JSON. */
      message: z.unknown(),
    }),
  ),
  /** True if these are all records. */
  complete: z.boolean(),
});

export type FunctionLogAnswer = z.infer<typeof FunctionLogAnswer>;
