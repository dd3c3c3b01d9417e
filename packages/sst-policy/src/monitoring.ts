import type { Resource, Value } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import {
  expectThat,
  flag,
  flagUnknown,
  inputListOf,
  inputOf,
  isUnknownText,
  targetOf,
  textOf,
  type View,
} from "./view";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const TOPIC = "aws:sns/topic:Topic";

const checkAlarms = (check: (view: View, alarm: Resource) => Finding[]) => (view: View) =>
  view.all(ALARM, COMPOSITE).flatMap((alarm) => check(view, alarm));

/**
 * By dimension: the types of resources that it can name, and the properties or outputs with its
 * value.
 */
const DIMENSIONS: Record<string, { types: string[]; outputs: string[] }> = {
  ApiId: { types: ["aws:apigatewayv2/api:Api"], outputs: ["id"] },
  Stage: { types: ["aws:apigatewayv2/stage:Stage"], outputs: ["name", "id"] },
  FunctionName: { types: ["aws:lambda/function:Function"], outputs: ["name", "id"] },
  TableName: { types: ["aws:dynamodb/table:Table"], outputs: ["name", "id"] },
  QueueName: { types: ["aws:sqs/queue:Queue"], outputs: ["name"] },
  LogGroupName: { types: ["aws:cloudwatch/logGroup:LogGroup"], outputs: ["name", "id"] },
  FilterName: { types: ["aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"], outputs: ["name"] },
  DistributionId: { types: ["aws:cloudfront/distribution:Distribution"], outputs: ["id"] },
  WebACL: { types: ["aws:wafv2/webAcl:WebAcl"], outputs: ["name"] },
  ScheduleGroup: { types: ["aws:scheduler/scheduleGroup:ScheduleGroup"], outputs: ["name", "id"] },
  UserPool: { types: ["aws:cognito/userPool:UserPool"], outputs: ["id"] },
  UserPoolClient: { types: ["aws:cognito/userPoolClient:UserPoolClient"], outputs: ["id"] },
};

export const MONITORING_RULES: Rule[] = [
  {
    id: "alarm-has-action",
    severity: "high",
    title: "An alarm has an action for the state ALARM that notifies someone",
    reason: "An alarm without an action turns red, and nobody is notified.",
    fix: "Set alarmActions to the topic's ARN.",
    mapping: ["CloudWatch.15"],
    check: checkAlarms((view, alarm) => {
      const actions = inputListOf(alarm, "alarmActions");
      if (actions.length === 0) return [flag(alarm, "alarmActions", "expected an action")];
      return actions.flatMap((action, at) => {
        const path = `alarmActions.${at}`;
        const text = textOf(action) ?? "";
        if (isUnknownText(text)) return [flagUnknown(alarm, path, "the action is known only after the deployment")];
        const isTopic = targetOf(view, action)?.resource.type === TOPIC;
        return isTopic || /^arn:aws[a-z-]*:[a-z0-9-]+:/.test(text)
          ? []
          : [flag(alarm, path, "expected the ARN of a topic")];
      });
    }),
  },
  {
    id: "alarm-actions-enabled",
    severity: "high",
    title: "The actions of an alarm are enabled",
    reason: "If actionsEnabled is false, the alarm turns red and notifies nobody.",
    fix: "Remove actionsEnabled, or set it to true.",
    mapping: ["CloudWatch.17", "CKV_AWS_319"],
    check: checkAlarms((view, alarm) =>
      expectThat(
        view,
        alarm,
        "actionsEnabled",
        (value) => value === undefined || value === true,
        "expected true or nothing",
      ),
    ),
  },
  {
    id: "alarm-missing-data",
    severity: "medium",
    title: "An alarm states how to treat missing data",
    reason: "By default, an alarm without data goes to INSUFFICIENT_DATA. A backend that is down then raises no alarm.",
    fix: "Set treatMissingData to notBreaching for counts of errors, and to breaching for signs of life.",
    check: (view) =>
      view
        .all(ALARM)
        .flatMap((alarm) =>
          expectThat(
            view,
            alarm,
            "treatMissingData",
            (value) => (isSignOfLife(alarm) ? ["breaching"] : ["breaching", "notBreaching"]).includes(String(value)),
            isSignOfLife(alarm)
              ? "expected breaching: missing data means no activity"
              : "expected breaching or notBreaching, set explicitly",
          ),
        ),
  },
  {
    id: "alarm-dimension-exists",
    severity: "high",
    title: "The dimensions of an alarm name resources that exist",
    reason: "A dimension value that no resource has gives no data, and the alarm never goes off.",
    fix: "Take the dimension's value from the resource: its name or ID.",
    check: (view) =>
      view
        .all(ALARM)
        .flatMap((alarm) => [
          ...dimensionFindings(view, alarm, "dimensions"),
          ...inputListOf(alarm, "metricQueries").flatMap((_query, at) =>
            dimensionFindings(view, alarm, `metricQueries.${at}.metric.dimensions`),
          ),
        ]),
  },
  {
    id: "alarm-end-told",
    severity: "low",
    title: "An alarm also notifies its recipients when it ends",
    reason: "Otherwise nobody knows whether the problem is over.",
    fix: "Set okActions to the same value as alarmActions.",
    check: checkAlarms((_view, alarm) =>
      JSON.stringify(inputListOf(alarm, "okActions")) === JSON.stringify(inputListOf(alarm, "alarmActions"))
        ? []
        : [flag(alarm, "okActions", "expected the same value as alarmActions")],
    ),
  },
];

/** True for an alarm that goes off when a value is too low. */
function isSignOfLife(alarm: Resource): boolean {
  return ["LessThanThreshold", "LessThanOrEqualToThreshold"].includes(String(inputOf(alarm, "comparisonOperator")));
}

function dimensionFindings(view: View, alarm: Resource, path: string): Finding[] {
  const dimensions = inputOf(alarm, path);
  if (typeof dimensions !== "object" || dimensions === null || Array.isArray(dimensions)) return [];
  return Object.entries(dimensions).flatMap(([name, value]) => {
    const dimension = DIMENSIONS[name];
    if (dimension === undefined) return [];
    const at = `${path}.${name}`;
    const target = targetOf(view, value as Value);
    if (target !== undefined) {
      const { types, outputs } = dimension;
      const isValid = types.includes(target.resource.type) && outputs.includes(target.output);
      return isValid ? [] : [flag(alarm, at, `expected ${outputs.join(" or ")} of ${types.join(" or ")}`)];
    }
    const text = textOf(value as Value) ?? "";
    if (isUnknownText(text)) return [flagUnknown(alarm, at, "the dimension is known only after the deployment")];
    const exists = view
      .all(...dimension.types)
      .some((one) => dimension.outputs.some((output) => one.inputs[output] === text));
    return exists ? [] : [flag(alarm, at, `nothing in this deployment has the name "${text}"`)];
  });
}
