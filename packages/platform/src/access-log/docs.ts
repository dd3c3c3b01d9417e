import { document, REFUSED } from "../api/document";
import { describeParameters, nameSchema } from "../api/schemas";
import { searchAccessLog } from "./operations";
import { AccessLogQuery } from "./search";
import { AccessLogAnswer } from "./search-answer";

/** Texts and examples of the operations, for OpenAPI and tests. */
export const ACCESS_LOG_DOCS = [
  document(searchAccessLog, {
    summary: "Find requests, newest first",
    description:
      "In the access log itself, backward from `to`, as far as a few calls of CloudWatch Logs reach: `complete` says whether that was all, `cursor` leads further, `insightsQuery` asks Logs Insights the same.",
    answers: {
      200: "Requests, up to 200 or a few more",
      400: "A parameter is not what it should be; `errors` has a pointer to its name",
      403: REFUSED,
      429: "CloudWatch Logs has too many requests: try again in a second. Or a quota of the caller is used up: `Retry-After` says when it is not",
      503: "CloudWatch Logs cannot be reached: try again",
    },
    examples: {
      newest: { summary: "The newest", status: 200 },
      errors: { summary: "What failed", query: { status: "5xx" }, status: 200 },
      class: { summary: "A status that is none", query: { status: "high" }, status: 400 },
    },
  }),
];

nameSchema(AccessLogAnswer, "AccessLogPage", "All that was asked for and is not older than `readFrom`, newest first.");
describeParameters(AccessLogQuery.shape, {
  from: "Arrived at this moment or later (RFC 3339); by default 24 hours before `to`.",
  to: "Arrived before this moment; by default, and at most, now.",
  cursor: "Where the page before ended.",
  status: "Answered with this status, such as `404`, or a class of them, such as `5xx`.",
  route: "By this route key, such as `GET /events/{id}`.",
  user: "Of this user or client: the token's `sub` or `client_id`.",
  requestId: "With this id.",
});
