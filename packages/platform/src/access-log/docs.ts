import { document, FORBIDDEN } from "../api/document";
import { describeParameters, nameSchema } from "../api/schemas";
import { searchAccessLog } from "./operations";
import { AccessLogQuery } from "./search";
import { AccessLogAnswer } from "./search-answer";

/** Texts and examples of the operations, for OpenAPI and tests. */
export const ACCESS_LOG_DOCS = [
  document(searchAccessLog, {
    summary: "Search the access log",
    description:
      "Searches backward from `to`, newest first. If `complete` is false, pass `cursor` to continue, or run " +
      "`insightsQuery` in Logs Insights.",
    answers: {
      200: "Up to 200 requests, or a few more",
      400: "Invalid parameter; `errors` names it",
      403: FORBIDDEN,
      429: "CloudWatch Logs is rate limiting, or a quota of the caller is used up: see `Retry-After`",
      503: "CloudWatch Logs is unavailable; try again",
    },
    examples: {
      newest: { summary: "Latest", status: 200 },
      errors: { summary: "Errors", query: { status: "5xx" }, status: 200 },
      class: { summary: "Invalid status", query: { status: "high" }, status: 400 },
    },
  }),
];

nameSchema(AccessLogAnswer, "AccessLogPage", "The matching requests since `readFrom`, newest first.");
describeParameters(AccessLogQuery.shape, {
  from: "Start (RFC 3339). Default: 24 hours before `to`.",
  to: "End (exclusive). Default and maximum: now.",
  cursor: "Cursor of the previous page.",
  status: "Status (`404`) or class (`5xx`).",
  route: "Route key, such as `GET /events/{id}`. `-`: requests that match no route.",
  user: "User or client id: the token's `sub` or `client_id`. `-`: requests without a token.",
  address: "IP address of the client.",
  requestId: "Request id.",
});
