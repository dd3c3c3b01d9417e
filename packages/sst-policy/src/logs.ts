import type { Resource } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import {
  expectKept,
  expectTarget,
  expectThat,
  found,
  outputText,
  raw,
  rawList,
  targetOf,
  type View,
  written,
} from "./view";

const GROUP = "aws:cloudwatch/logGroup:LogGroup";
const STAGE = "aws:apigatewayv2/stage:Stage";
const SUBSCRIPTION = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter";
const PERMISSION = "aws:lambda/permission:Permission";

/** Days that can be kept: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTIONS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
];
const YEAR = 365;

export const LOG_RULES: Rule[] = [
  {
    id: "log-group-retention",
    severity: "medium",
    title: "A log group says for how long it keeps what is written to it",
    reason: "Without a retention everything is kept for good: cost, and personal data with no end.",
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
            `expected a retention that CloudWatch Logs knows, of ${view.strict ? 30 : 7} days at least`,
          ),
          ...expectThat(
            view,
            group,
            "logGroupClass",
            (value) => value === undefined || value === "STANDARD",
            "expected the class STANDARD: others take no subscription and no metric filter",
          ),
        ]),
  },
  {
    id: "access-log-retention",
    severity: "high",
    title: "The access logs, of the API and of its firewall, are kept for a month, in prod for a year",
    reason: "Who called what is asked months later.",
    fix: "Set retentionInDays of the log group.",
    mapping: ["CloudWatch.16", "CKV_AWS_338"],
    check: (view) => {
      const least = view.strict ? YEAR : 30;
      return [...accessLogs(view), ...firewallLogs(view)].flatMap((group) =>
        expectThat(
          view,
          group,
          "retentionInDays",
          (days) => typeof days === "number" && days >= least && days <= 3653,
          `expected ${least} days at least`,
        ),
      );
    },
  },
  {
    id: "log-group-year",
    severity: "low",
    title: "In prod every other log group is kept for a year",
    reason: "The control asks for it of every group, whatever is in it.",
    fix: "Set retentionInDays of the log group, or waive the rule for logs that are no evidence.",
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
            (days) => Number(days ?? 0) >= YEAR,
            `expected ${YEAR} days at least`,
          ),
        ),
  },
  {
    id: "access-log-kept",
    severity: "high",
    title: "prod's access logs, of the API and of its firewall, outlive the stage",
    reason: "Evidence that goes with `sst remove` goes when it is needed.",
    fix: "Set options.retainOnDelete in transform.logGroup.",
    check: (view) =>
      (view.strict ? [...accessLogs(view), ...firewallLogs(view)] : []).flatMap((group) =>
        expectKept(view, group, "the log group"),
      ),
  },
  {
    id: "access-log-named",
    severity: "medium",
    title: "The access log is named after API and stage, apart from functions' own logs",
    reason: "A name under /aws/lambda/ could be a function's own group, to which that function may write.",
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
      "A log subscription hands every line to a function that CloudWatch Logs may invoke, and is made after the permission",
    reason:
      "CloudWatch Logs tries the function when the filter is made: without the permission the deployment fails, or nothing is counted.",
    fix: "Add an aws.lambda.Permission for logs.amazonaws.com with the group's ARN, and name it in dependsOn of the filter.",
    check: (view) => view.all(SUBSCRIPTION).flatMap((one) => subscriptionFindings(view, one)),
  },
];

/** Log groups that stages write their access log to. */
export function accessLogs(view: View): Resource[] {
  const groups = view
    .all(STAGE)
    .map((stage) => targetOf(view, raw(stage, "accessLogSettings.destinationArn"))?.resource);
  return [...new Set(groups)].filter((group) => group !== undefined && group.type === GROUP) as Resource[];
}

/** Log groups that firewalls write to: each is the access log of an edge. */
function firewallLogs(view: View): Resource[] {
  const groups = view
    .all("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
    .flatMap((log) => rawList(log, "logDestinationConfigs").map((to) => targetOf(view, to)?.resource));
  return groups.filter((group) => group?.type === GROUP) as Resource[];
}

function subscriptionFindings(view: View, subscription: Resource): Finding[] {
  const lambda = targetOf(view, raw(subscription, "destinationArn"))?.resource;
  const group = targetOf(view, raw(subscription, "logGroup"))?.resource;
  const permission = view
    .all(PERMISSION)
    .find(
      (one) =>
        (subscription.dependsOn ?? []).includes(one.urn) &&
        raw(one, "principal") === "logs.amazonaws.com" &&
        targetOf(view, raw(one, "function"))?.resource === lambda &&
        group !== undefined &&
        written(raw(one, "sourceArn")) === `${outputText(group, "arn")}:*`,
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
          found(
            subscription,
            "@dependsOn",
            "expected to be made after the permission for this function and this log group",
          ),
        ]
      : []),
    ...(group !== undefined && accessLogs(view).includes(group)
      ? expectThat(
          view,
          subscription,
          "filterPattern",
          (pattern) => pattern === "",
          "expected every line of the access log",
        )
      : []),
  ];
}
