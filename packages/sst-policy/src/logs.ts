import type { Resource } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import {
  expectRetained,
  expectTarget,
  expectThat,
  flag,
  inputListOf,
  inputOf,
  outputText,
  targetOf,
  textOf,
  type View,
} from "./view";

const GROUP = "aws:cloudwatch/logGroup:LogGroup";
const STAGE = "aws:apigatewayv2/stage:Stage";
const SUBSCRIPTION = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter";
const PERMISSION = "aws:lambda/permission:Permission";

/**
 * Valid retentions in days:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const RETENTIONS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
];
const YEAR_DAYS = 365;

export const LOG_RULES: Rule[] = [
  {
    id: "log-group-retention",
    severity: "medium",
    title: "Every log group has a retention period",
    reason: "Without one, CloudWatch keeps logs forever: costs grow, and personal data is never deleted.",
    fix: "Set retentionInDays.",
    mapping: ["CKV_AWS_66"],
    check: (view) =>
      view
        .all(GROUP)
        .flatMap((group) => [
          ...expectThat(
            view,
            group,
            "retentionInDays",
            (days) => typeof days === "number" && RETENTIONS.includes(days) && days >= (view.strict ? 30 : 7),
            `expected a retention that CloudWatch Logs accepts, at least ${view.strict ? 30 : 7} days`,
          ),
          ...expectThat(
            view,
            group,
            "logGroupClass",
            (value) => value === undefined || value === "STANDARD",
            "expected the class STANDARD: others have no subscriptions and metric filters",
          ),
        ]),
  },
  {
    id: "access-log-retention",
    severity: "high",
    title: "The access logs of the API and its firewall are kept for a month, in prod for a year",
    reason: "Questions about who called what often come months later.",
    fix: "Set retentionInDays on the log group.",
    mapping: ["CloudWatch.16", "CKV_AWS_338"],
    check: (view) => {
      const least = view.strict ? YEAR_DAYS : 30;
      return [...accessLogs(view), ...firewallLogs(view)].flatMap((group) =>
        expectThat(
          view,
          group,
          "retentionInDays",
          (days) => typeof days === "number" && days >= least && days <= 3653,
          `expected at least ${least} days`,
        ),
      );
    },
  },
  {
    id: "log-group-year",
    severity: "low",
    title: "In prod, every other log group is kept for a year",
    reason: "Security Hub's control CloudWatch.16 applies to every log group, whatever it contains.",
    fix: "Set retentionInDays on the log group, or waive the rule for logs that are not evidence.",
    mapping: ["CloudWatch.16", "CKV_AWS_338"],
    check: (view) =>
      view
        .all(...(view.strict ? [GROUP] : []))
        .filter((group) => !accessLogs(view).includes(group))
        .flatMap((group) =>
          expectThat(
            view,
            group,
            "retentionInDays",
            (days) => Number(days ?? 0) >= YEAR_DAYS,
            `expected at least ${YEAR_DAYS} days`,
          ),
        ),
  },
  {
    id: "access-log-kept",
    severity: "high",
    title: "In prod, the access logs of the API and its firewall survive the removal of the stage",
    reason: "Otherwise `sst remove` deletes the evidence.",
    fix: "Set options.retainOnDelete in transform.logGroup.",
    check: (view) =>
      (view.strict ? [...accessLogs(view), ...firewallLogs(view)] : []).flatMap((group) =>
        expectRetained(view, group, "the log group"),
      ),
  },
  {
    id: "access-log-named",
    severity: "medium",
    title: "The access log is named after the API and the stage, apart from the functions' logs",
    reason: "A name under /aws/lambda/ could be a function's own log group, to which that function may write.",
    fix: "Name it /aws/apigateway/<API>/<stage>.",
    check: (view) =>
      accessLogs(view).flatMap((group) =>
        expectThat(
          view,
          group,
          "name",
          (name) => new RegExp(`^/aws/apigateway/[\\w.-]+/${view.graph.stage}$`).test(String(name)),
          "expected /aws/apigateway/<API>/<stage>",
        ),
      ),
  },
  {
    id: "subscription-permitted",
    severity: "medium",
    title:
      "A log subscription sends every entry to a function that CloudWatch Logs may invoke, after the " +
      "permission exists",
    reason:
      "CloudWatch Logs invokes the function when the filter is created. Without the permission, the " +
      "deployment fails or nothing is counted.",
    fix:
      "Add an aws.lambda.Permission for logs.amazonaws.com with the group's ARN, and name it in the " +
      "filter's dependsOn.",
    check: (view) => view.all(SUBSCRIPTION).flatMap((one) => subscriptionFindings(view, one)),
  },
];

/** Returns the log groups to which API stages write their access logs. */
export function accessLogs(view: View): Resource[] {
  const groups = view
    .all(STAGE)
    .map((stage) => targetOf(view, inputOf(stage, "accessLogSettings.destinationArn"))?.resource);
  return [...new Set(groups)].filter((group) => group !== undefined && group.type === GROUP) as Resource[];
}

/** Returns the log groups of firewalls, which are the access logs of an edge. */
function firewallLogs(view: View): Resource[] {
  const groups = view
    .all("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
    .flatMap((log) => inputListOf(log, "logDestinationConfigs").map((to) => targetOf(view, to)?.resource));
  return groups.filter((group) => group?.type === GROUP) as Resource[];
}

function subscriptionFindings(view: View, subscription: Resource): Finding[] {
  const lambda = targetOf(view, inputOf(subscription, "destinationArn"))?.resource;
  const group = targetOf(view, inputOf(subscription, "logGroup"))?.resource;
  const permission = view
    .all(PERMISSION)
    .find(
      (one) =>
        (subscription.dependsOn ?? []).includes(one.urn) &&
        inputOf(one, "principal") === "logs.amazonaws.com" &&
        targetOf(view, inputOf(one, "function"))?.resource === lambda &&
        group !== undefined &&
        textOf(inputOf(one, "sourceArn")) === `${outputText(group, "arn")}:*`,
    );
  const toLambda = lambda?.type === "aws:lambda/function:Function";
  return [
    ...expectTarget(view, subscription, "logGroup", [GROUP], "expected a log group of this deployment"),
    ...expectTarget(
      view,
      subscription,
      "destinationArn",
      ["aws:lambda/function:Function", "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"],
      "expected a function or a delivery stream of this deployment",
    ),
    ...(toLambda && permission === undefined
      ? [
          flag(
            subscription,
            "@dependsOn",
            "expected a dependency on the permission for this function and this log group",
          ),
        ]
      : []),
    ...(group !== undefined && accessLogs(view).includes(group)
      ? expectThat(
          view,
          subscription,
          "filterPattern",
          (pattern) => pattern === "",
          "expected an empty pattern, which matches every entry",
        )
      : []),
  ];
}
