import { document, FORBIDDEN } from "../api/document";
import { describeParameters, nameSchema } from "../api/schemas";
import { FunctionLogAnswer } from "./answer";
import { searchFunctionLog } from "./operations";
import { FunctionLogQuery } from "./search";

const invocation = { integrationRequestId: "00000000-0000-4000-8000-000000000000", at: "2026-11-23T09:30:00Z" };

/** Texts and examples of the operations, for OpenAPI and tests. */
export const FUNCTION_LOG_DOCS = [
  document(searchFunctionLog, {
    summary: "Function log of a request",
    description: "Take `route`, `integrationRequestId` and `at` from the request's access log entry.",
    answers: {
      200: "Up to 200 records, oldest first",
      400: "Invalid parameter; `errors` names it",
      403: FORBIDDEN,
      429: [
        "CloudWatch Logs is rate limiting; try again in a second. Or a quota of the caller is",
        "used up: see `Retry-After`",
      ].join(" "),
      503: "CloudWatch Logs is unavailable; try again",
    },
    examples: {
      nobodys: { summary: "Unknown invocation", query: { ...invocation, route: "GET /traffic" }, status: 200 },
      elsewhere: { summary: "Unknown route", query: { ...invocation, route: "GET /nowhere" }, status: 400 },
    },
  }),
];

nameSchema(
  FunctionLogAnswer,
  "FunctionLog",
  "The records that contain the invocation's id. If `complete` is false, there may be more.",
);
describeParameters(FunctionLogQuery.shape, {
  route: "Route key of the request, such as `GET /traffic`.",
  integrationRequestId: "Lambda request id.",
  at: "Time of the request (RFC 3339). Searches from 1 minute before to 5 minutes after it.",
});
