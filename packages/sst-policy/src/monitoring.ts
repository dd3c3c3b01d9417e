import type { Resource, Value } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { expectThat, found, isUnknownText, raw, rawList, targetOf, unknown, type View, written } from "./view";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const TOPIC = "aws:sns/topic:Topic";

const ofAlarms = (check: (view: View, alarm: Resource) => Finding[]) => (view: View) =>
  view.all(ALARM, COMPOSITE).flatMap((alarm) => check(view, alarm));

/** Dimension -> what it names: the type of resource, and the property or output that holds the value. */
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
    title: "An alarm tells somebody: it has an action for ALARM, on a topic of the deployment",
    reason: "An alarm without one turns red where nobody looks.",
    fix: "Set alarmActions to the topic's ARN.",
    mapping: ["CloudWatch.15"],
    check: ofAlarms((view, alarm) => {
      const actions = rawList(alarm, "alarmActions");
      if (actions.length === 0) return [found(alarm, "alarmActions", "expected an action")];
      return actions.flatMap((action, at) => {
        const path = `alarmActions.${at}`;
        const text = written(action) ?? "";
        if (isUnknownText(text)) return [unknown(alarm, path, "the action is known after the deployment alone")];
        const own = targetOf(view, action)?.resource.type === TOPIC;
        return own || /^arn:aws[a-z-]*:[a-z0-9-]+:/.test(text)
          ? []
          : [found(alarm, path, "expected the ARN of a topic")];
      });
    }),
  },
  {
    id: "alarm-actions-enabled",
    severity: "high",
    title: "An alarm's actions are on",
    reason: "With actionsEnabled off the alarm turns red and tells nobody.",
    fix: "Leave actionsEnabled out, or true.",
    mapping: ["CloudWatch.17", "CKV_AWS_319"],
    check: ofAlarms((view, alarm) =>
      expectThat(
        view,
        alarm,
        "actionsEnabled",
        (value) => value === undefined || value === true,
        "expected the actions to be on",
      ),
    ),
  },
  {
    id: "alarm-missing-data",
    severity: "medium",
    title: "An alarm says what missing data means",
    reason: "By default a metric that stops leaves the alarm as it was: a backend that is down raises nothing.",
    fix: "Set treatMissingData to notBreaching for counts of errors, to breaching for signs of life.",
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
              ? "expected breaching: no data is no life"
              : "expected breaching or notBreaching, stated",
          ),
        ),
  },
  {
    id: "alarm-dimension-exists",
    severity: "high",
    title: "An alarm watches something that exists",
    reason: "A dimension with a name that nothing has gives no data: the alarm never rings.",
    fix: "Take the dimension's value from the resource: its name or id.",
    check: (view) =>
      view
        .all(ALARM)
        .flatMap((alarm) => [
          ...dimensionFindings(view, alarm, "dimensions"),
          ...rawList(alarm, "metricQueries").flatMap((_query, at) =>
            dimensionFindings(view, alarm, `metricQueries.${at}.metric.dimensions`),
          ),
        ]),
  },
  {
    id: "alarm-end-told",
    severity: "low",
    title: "Who is told of an alarm is told of its end",
    reason: "Otherwise nobody knows whether it still rings.",
    fix: "Set okActions to what alarmActions are.",
    check: ofAlarms((_view, alarm) =>
      JSON.stringify(rawList(alarm, "okActions")) === JSON.stringify(rawList(alarm, "alarmActions"))
        ? []
        : [found(alarm, "okActions", "expected what alarmActions are")],
    ),
  },
];

/** True for an alarm that rings when there is too little of something. */
function isSignOfLife(alarm: Resource): boolean {
  return ["LessThanThreshold", "LessThanOrEqualToThreshold"].includes(String(raw(alarm, "comparisonOperator")));
}

function dimensionFindings(view: View, alarm: Resource, path: string): Finding[] {
  const dimensions = raw(alarm, path);
  if (typeof dimensions !== "object" || dimensions === null || Array.isArray(dimensions)) return [];
  return Object.entries(dimensions).flatMap(([name, value]) => {
    const known = DIMENSIONS[name];
    if (known === undefined) return [];
    const at = `${path}.${name}`;
    const target = targetOf(view, value as Value);
    if (target !== undefined) {
      const fits = known.types.includes(target.resource.type) && known.outputs.includes(target.output);
      return fits ? [] : [found(alarm, at, `expected ${known.outputs.join(" or ")} of ${known.types.join(" or ")}`)];
    }
    const text = written(value as Value) ?? "";
    if (isUnknownText(text)) return [unknown(alarm, at, "the dimension is known after the deployment alone")];
    const exists = view.all(...known.types).some((one) => known.outputs.some((output) => one.inputs[output] === text));
    return exists ? [] : [found(alarm, at, `nothing in this deployment is called "${text}"`)];
  });
}
