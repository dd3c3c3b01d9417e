import type { Row } from "./row";

export const SCHEDULER: Record<`aws:scheduler/${string}`, Row> = {
  "aws:scheduler/schedule:Schedule": (names) => ({
    id: `default/${names.input("name")}`,
    outputs: { arn: names.arn("scheduler", `schedule/default/${names.input("name")}`) },
  }),
};
