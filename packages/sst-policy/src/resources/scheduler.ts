import type { Description } from "./description";

export const SCHEDULER: Record<`aws:scheduler/${string}`, Description> = {
  "aws:scheduler/schedule:Schedule": {
    judged: `name description groupName scheduleExpression scheduleExpressionTimezone state startDate
      endDate flexibleTimeWindow target.arn target.roleArn target.input target.retryPolicy
      target.deadLetterConfig`,
  },
  "aws:scheduler/scheduleGroup:ScheduleGroup": { unjudged: "only a name" },
};
