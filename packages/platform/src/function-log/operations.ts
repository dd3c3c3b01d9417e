import { operation } from "../permissions";
import { FunctionLogAnswer } from "./answer";
import { FunctionLogQuery } from "./search";

export const searchFunctionLog = /* @__PURE__ */ operation("GET /function-log", {
  id: "searchFunctionLog",
  permission: "traffic/read",
  query: FunctionLogQuery,
  answers: { 200: FunctionLogAnswer, 400: "problem", 403: "problem", 429: "problem", 503: "problem" },
});
