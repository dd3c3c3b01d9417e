import * as z from "zod/mini";

import { accessLogEntry } from "./entry";

/** What `GET /access-log` answers. Times are ISO instants in UTC. */
export const AccessLogAnswer = z.object({
  /** What was asked for. */
  from: z.string(),
  to: z.string(),
  /** Newest first. */
  items: z.array(accessLogEntry),
  /** Lines in what was read that are no entries. A filter finds none of them. */
  unparseableLines: z.number(),
  /** All that was asked for and is not older than this is in `items`, or was on an earlier page. */
  readFrom: z.string(),
  /** Whether that is all. */
  complete: z.boolean(),
  /** Where it is not: what to ask with for what is older. */
  cursor: z.optional(z.string()),
  /** The same question for CloudWatch Logs Insights, for what is more than pages can show. */
  insightsQuery: z.string(),
});

export type AccessLogAnswer = z.infer<typeof AccessLogAnswer>;
