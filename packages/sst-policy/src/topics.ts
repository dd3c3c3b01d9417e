import type { Resource } from "@backend/sst-graph/graph";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import { type Statement, statementsOf } from "./statements";
import {
  flag,
  flagUnknown,
  inputListOf,
  inputOf,
  isUnknownText,
  outputText,
  targetOf,
  textOf,
  type View,
} from "./view";

const TOPIC = "aws:sns/topic:Topic";
const KEY = "aws:kms/key:Key";

export const TOPIC_RULES: Rule[] = [
  {
    id: "topic-key-usable",
    severity: "high",
    title: "A topic is encrypted with a key that CloudWatch may use, or has no key",
    reason:
      "No policy can let CloudWatch use the AWS managed key alias/aws/sns, so notifications are lost " +
      "without an error.",
    fix:
      "Create a key whose policy allows cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*, or " +
      "remove kmsMasterKeyId.",
    check: (view) => view.all(TOPIC).flatMap((topic) => topicKeyFindings(view, topic)),
  },
  {
    id: "topic-has-subscriber",
    severity: "high",
    title: "In prod, every topic has a subscriber",
    reason: "A message to a topic without subscribers is lost.",
    fix: "Add an aws.sns.TopicSubscription for each recipient.",
    check: (view) => {
      const subscriptions = view.all("aws:sns/topicSubscription:TopicSubscription");
      return view
        .all(TOPIC)
        .filter((topic) => view.strict && !subscriptions.some((one) => pointsTo(view, one, "topic", topic)))
        .map((topic) => flag(topic, "@", "expected a subscription"));
    },
  },
  {
    id: "topic-policy",
    severity: "medium",
    title: "Only alarms of this account may publish to an alarm topic, and only over TLS",
    reason:
      "SNS's default policy lets every principal of the account publish, even without TLS. A false alarm " +
      "can hide a real one.",
    fix:
      "Add an aws.sns.TopicPolicy that lets only CloudWatch publish, for this account, and denies requests " +
      "without TLS.",
    mapping: ["AwsSolutions-SNS3"],
    check: (view) =>
      view
        .all(TOPIC)
        .filter((topic) => isAlarmTopic(view, topic))
        .flatMap((topic) => policyFindings(view, topic)),
  },
];

function isAlarmTopic(view: View, topic: Resource): boolean {
  return view
    .all("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
    .some((alarm) => inputListOf(alarm, "alarmActions").some((action) => targetOf(view, action)?.resource === topic));
}

function policyFindings(view: View, topic: Resource): Finding[] {
  const arn = outputText(topic, "arn");
  const about = ({ actions, resources }: Statement) =>
    JSON.stringify(actions) === '["sns:Publish"]' && JSON.stringify(resources) === JSON.stringify([arn]);
  const statements = statementsOf(view, "resource").filter(
    ({ resource }) => resource === topic || pointsTo(view, resource, "arn", topic),
  );
  const allowed = statements.filter(({ effect }) => effect !== "Deny");
  const isAlarms = (one: Statement) =>
    about(one) &&
    one.principals.length === 1 &&
    one.principals.every(({ type, id }) => type === "Service" && id === "cloudwatch.amazonaws.com") &&
    has(one, "StringEquals", "aws:SourceAccount", /^\d{12}$/);
  const tls = statements.some(
    (one) =>
      one.effect === "Deny" &&
      about(one) &&
      one.principals.some(({ type }) => type === "*") &&
      has(one, "Bool", "aws:SecureTransport", /^false$/),
  );
  return [
    ...(allowed.some(isAlarms)
      ? []
      : [flag(topic, "@", "expected a policy that allows alarms of this account to publish")]),
    ...allowed
      .filter((one) => !isAlarms(one))
      .map((one) => flag(one.resource, one.path, "allows others than alarms of this account to publish")),
    ...(tls ? [] : [flag(topic, "@", "expected a policy that denies publishing without TLS")]),
  ];
}

/** True if this is the only condition of the statement. */
function has({ conditions }: Statement, operator: string, key: string, value: RegExp): boolean {
  const [only, ...more] = conditions;
  const same = only?.operator === operator && only.key === key;
  return more.length === 0 && same && only.values.length === 1 && only.values.every((text) => value.test(text));
}

function topicKeyFindings(view: View, topic: Resource): Finding[] {
  const path = "kmsMasterKeyId";
  const value = inputOf(topic, path);
  if (value === undefined) return [];
  const text = textOf(value) ?? "";
  if (isUnknownText(text)) return [flagUnknown(topic, path, "the key is known only after the deployment")];
  const target = targetOf(view, value)?.resource;
  const alias =
    target?.type === "aws:kms/alias:Alias" ? targetOf(view, inputOf(target, "targetKeyId"))?.resource : target;
  if (alias?.type !== KEY) return [flag(topic, path, `expected a key of this deployment, found "${text}"`)];
  const usable = statementsOf(view, "resource").some(
    ({ resource, effect, principals, actions }) =>
      (resource === alias || pointsTo(view, resource, "keyId", alias)) &&
      effect === "Allow" &&
      principals.some(({ id }) => id === "cloudwatch.amazonaws.com") &&
      ["kms:Decrypt", "kms:GenerateDataKey"].every((action) =>
        actions.some((one) => one.replace(/\*$/, "") === action || one === "kms:*"),
      ),
  );
  return usable ? [] : [flag(alias, "policy", "expected kms:Decrypt and kms:GenerateDataKey* for CloudWatch")];
}
