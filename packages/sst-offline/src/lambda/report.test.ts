import { expect, it } from "vitest";

import { parseReport } from "./report";

const error = { errorType: "Error", errorMessage: "no" };

it.each([
  { type: "ready" },
  { type: "init-failed", error },
  { type: "notice", text: "the disk is full" },
  { type: "result", sequence: 1, json: "null" },
  { type: "failed", sequence: 1, error, exits: false },
])("%j is a report", (report) => {
  expect(parseReport(report)).toEqual(report);
});

it.each([
  null,
  undefined,
  1,
  "ready",
  [],
  {},
  { type: "other" },
  { type: "toString" },
  { type: "init-failed" },
  { type: "init-failed", error: null },
  { type: "notice" },
  { type: "result", json: "null" },
  { type: "result", sequence: 1 },
  { type: "result", sequence: 1, json: null },
  { type: "failed", sequence: 1 },
  { type: "failed", sequence: 1, error: { errorType: "Error" }, exits: false },
])("%j is not a report", (message) => {
  expect(parseReport(message)).toBeUndefined();
});
