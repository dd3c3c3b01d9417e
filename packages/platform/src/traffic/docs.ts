import { document, REFUSED } from "../api/document";
import { describeParameters, nameSchema } from "../api/schemas";
import { TrafficAnswer } from "./answer";
import { readTraffic } from "./operations";
import { TrafficQuery } from "./query";

/** Texts and examples of the operations, for OpenAPI and tests. */
export const TRAFFIC_DOCS = [
  document(readTraffic, {
    summary: "How much was asked, by whom, how fast and how well it was answered",
    description:
      "From the access log, seconds after the requests. In the finest buckets (minute, hour, day) of which at most 200 cover the range; percentiles are within 2 %.",
    answers: {
      200: "The traffic of the range",
      400: "The range is empty, longer than 200 days, or older than what is kept; `errors` has a pointer",
      403: REFUSED,
      503: "The traffic cannot be reached, or was not summed up for too long: try again",
    },
    examples: {
      day: { summary: "The last 24 hours", status: 200 },
      backward: { summary: "A range of the wrong order", query: { from: "2100-01-01T00:00:00Z" }, status: 400 },
    },
  }),
];

nameSchema(TrafficAnswer, "Traffic", "Every bucket of the range has its place in `series`, also one without requests.");
describeParameters(TrafficQuery.shape, {
  from: "From this moment on (RFC 3339); by default 24 hours before `to`.",
  to: "To this moment; by default, and at most, now.",
});
