import { document, FORBIDDEN } from "../api/document";
import { describeParameters, nameSchema } from "../api/schemas";
import { TrafficAnswer } from "./answer";
import { readTraffic } from "./operations";
import { TrafficQuery } from "./query";

/** Texts and examples of the operations, for OpenAPI and tests. */
export const TRAFFIC_DOCS = [
  document(readTraffic, {
    summary: "Traffic metrics",
    description: [
      "Requests, errors and latency by route and caller. Aggregated from the access log within",
      "seconds, in the finest buckets (minute, hour, day) of which 200 cover the range.",
      "Percentiles are accurate to 2%.",
    ].join(" "),
    answers: {
      200: "Traffic of the range",
      400: "Invalid range: empty, longer than 200 days, or older than the stored traffic",
      403: FORBIDDEN,
      503: "The traffic is unavailable, or not aggregated yet; try again",
    },
    examples: {
      day: { summary: "Last 24 hours", status: 200 },
      backward: { summary: "Invalid range", query: { from: "2100-01-01T00:00:00Z" }, status: 400 },
    },
  }),
];

nameSchema(TrafficAnswer, "Traffic", "`series` has every bucket of the range, including empty ones.");
describeParameters(TrafficQuery.shape, {
  from: "Start (RFC 3339). Default: 24 hours before `to`.",
  to: "End. Default and maximum: now.",
});
