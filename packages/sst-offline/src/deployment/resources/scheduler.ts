import type { Plain } from "@backend/sst-graph/graph";

import { periodOf } from "../../schedule/schedules";
import type { Coverage, Gap } from "./reasons";

export const SCHEDULER: Record<`aws:scheduler/${string}`, Coverage> = {
  "aws:scheduler/schedule:Schedule": {
    flexibleTimeWindow: ["mode"],
    name: true,
    scheduleExpression: expression,
    state: true,
    target: ["arn", "input", "retryPolicy", "roleArn"],
  },
};

function expression(value: Plain): Gap | undefined {
  if (periodOf(String(value)) !== undefined) return undefined;
  return { what: "schedules", why: `${value} never runs its function: only rate(...) is simulated` };
}
