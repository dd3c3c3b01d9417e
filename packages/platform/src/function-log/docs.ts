import { document, REFUSED } from "../api/document";
import { describeParameters, nameSchema } from "../api/schemas";
import { FunctionLogAnswer } from "./answer";
import { searchFunctionLog } from "./operations";
import { FunctionLogQuery } from "./search";

const invocation = { integrationRequestId: "00000000-0000-4000-8000-000000000000", at: "2026-11-23T09:30:00Z" };

/** Texts and examples of the operations, for OpenAPI and tests. */
export const FUNCTION_LOG_DOCS = [
  document(searchFunctionLog, {
    summary: "What a function logged of a request",
    description: "`route`, `integrationRequestId` and `at` are in the request's entry of the access log.",
    answers: {
      200: "Records, up to 200, oldest first",
      400: "A parameter is not what it should be; `errors` has a pointer to its name",
      403: REFUSED,
      429: "CloudWatch Logs has too many requests: try again in a second. Or a quota of the caller is used up: `Retry-After` says when it is not",
      503: "CloudWatch Logs cannot be reached: try again",
    },
    examples: {
      nobodys: { summary: "An id of no invocation", query: { ...invocation, route: "GET /traffic" }, status: 200 },
      elsewhere: { summary: "A route that is none", query: { ...invocation, route: "GET /nowhere" }, status: 400 },
    },
  }),
];

nameSchema(
  FunctionLogAnswer,
  "FunctionLog",
  "The records that name an invocation's id; `complete` says whether that is all.",
);
describeParameters(FunctionLogQuery.shape, {
  route: "Route key of the request, such as `GET /traffic`.",
  integrationRequestId: "Lambda's id of the invocation.",
  at: "When the request arrived (RFC 3339): a minute before to five minutes after is looked through.",
});
