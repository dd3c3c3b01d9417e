import { operation } from "../permissions";
import { TrafficAnswer } from "./answer";
import { TrafficQuery } from "./query";

export const readTraffic = /* @__PURE__ */ operation("GET /traffic", {
  id: "readTraffic",
  permission: "traffic/read",
  query: TrafficQuery,
  answers: { 200: TrafficAnswer, 400: "problem", 403: "problem", 503: "problem" },
});
