import * as z from "zod/mini";

/** What `GET /function-log` answers. */
export const FunctionLogAnswer = z.object({
  logGroup: z.string(),
  /** Oldest first. */
  records: z.array(
    z.object({
      /** ISO instant in UTC. */
      timestamp: z.string(),
      /** As it was logged: an object where it is JSON, else a text. */
      message: z.unknown(),
    }),
  ),
  /** Whether that is all of them. */
  complete: z.boolean(),
});

export type FunctionLogAnswer = z.infer<typeof FunctionLogAnswer>;
