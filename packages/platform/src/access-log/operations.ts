import { operation } from "../permissions";
import { AccessLogQuery } from "./search";
import { AccessLogAnswer } from "./search-answer";

export const searchAccessLog = /* @__PURE__ */ operation("GET /access-log", {
  id: "searchAccessLog",
  permission: "traffic/read",
  query: AccessLogQuery,
  answers: { 200: AccessLogAnswer, 400: "problem", 403: "problem", 429: "problem", 503: "problem" },
});
