import * as z from "zod/mini";

import { accessLogEntry } from "./entry";

/** The response of `GET /access-log`. Times are ISO instants in UTC. */
export const AccessLogAnswer = z.object({
  /** Start of the range that was searched, inclusive. */
  from: z.string(),
  /** End of the range, exclusive. */
  to: z.string(),
  /** Newest first. */
  items: z.array(accessLogEntry),
  /** Number of unparseable lines. A filter matches only lines that are JSON. */
  unparseableLines: z.number(),
  /** Everything from here to `to` is in `items` or on an earlier page. */
  readFrom: z.string(),
  /** True if the search reached `from`. */
  complete: z.boolean(),
  /** Continues the search with older requests; absent if it is complete. */
  cursor: z.optional(z.string()),
  /** The same search as a Logs Insights query, for more results than pages can show. */
  insightsQuery: z.string(),
});

export type AccessLogAnswer = z.infer<typeof AccessLogAnswer>;
