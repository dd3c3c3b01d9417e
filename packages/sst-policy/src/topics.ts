import type { Resource } from "@backend/sst-graph/graph";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import { type Statement, statementsOf } from "./statements";
import { found, isUnknownText, outputText, raw, rawList, targetOf, unknown, type View, written } from "./view";

const TOPIC = "aws:sns/topic:Topic";
const KEY = "aws:kms/key:Key";

export const TOPIC_RULES: Rule[] = [
  {
    id: "topic-key-usable",
    severity: "high",
    title: "A topic is encrypted with a key that CloudWatch may use, or with none",
    reason:
      "The AWS-managed key alias/aws/sns lets CloudWatch in under no policy: alarms are swallowed without a word.",
    fix: "Make a key whose policy lets cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*, or leave kmsMasterKeyId out.",
    check: (view) => view.all(TOPIC).flatMap((topic) => topicKeyFindings(view, topic)),
  },
  {
    id: "topic-has-subscriber",
    severity: "high",
    title: "A topic that alarms go to has a subscriber",
    reason: "What is published to a topic without one is gone.",
    fix: "Add an aws.sns.TopicSubscription for each recipient.",
    check: (view) => {
      const subscriptions = view.all("aws:sns/topicSubscription:TopicSubscription");
      return view
        .all(TOPIC)
        .filter((topic) => view.strict && !subscriptions.some((one) => pointsTo(view, one, "topic", topic)))
        .map((topic) => found(topic, "@", "expected a subscription"));
    },
  },
  {
    id: "topic-policy",
    severity: "medium",
    title: "To a topic that alarms go to, alarms of this account alone may publish, and by TLS alone",
    reason:
      "SNS's own policy lets every principal of the account publish, also in the clear: a false alarm hides a true one.",
    fix: "Add an aws.sns.TopicPolicy that lets only CloudWatch publish, for this account, and denies requests without TLS.",
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
    .some((alarm) => rawList(alarm, "alarmActions").some((action) => targetOf(view, action)?.resource === topic));
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
      : [found(topic, "@", "expected a policy that lets alarms of this account publish")]),
    ...allowed
      .filter((one) => !isAlarms(one))
      .map((one) => found(one.resource, one.path, "lets others publish than alarms of this account")),
    ...(tls ? [] : [found(topic, "@", "expected a policy that denies publishing without TLS")]),
  ];
}

/** Whether the condition is the only one of the statement. */
function has({ conditions }: Statement, operator: string, key: string, value: RegExp): boolean {
  const [only, ...more] = conditions;
  const same = only?.operator === operator && only.key === key;
  return more.length === 0 && same && only.values.length === 1 && only.values.every((text) => value.test(text));
}

function topicKeyFindings(view: View, topic: Resource): Finding[] {
  const path = "kmsMasterKeyId";
  const value = raw(topic, path);
  if (value === undefined) return [];
  const text = written(value) ?? "";
  if (isUnknownText(text)) return [unknown(topic, path, "the key is known after the deployment alone")];
  const target = targetOf(view, value)?.resource;
  const alias = target?.type === "aws:kms/alias:Alias" ? targetOf(view, raw(target, "targetKeyId"))?.resource : target;
  if (alias?.type !== KEY) return [found(topic, path, `expected a key of this deployment, found "${text}"`)];
  const usable = statementsOf(view, "resource").some(
    ({ resource, effect, principals, actions }) =>
      (resource === alias || pointsTo(view, resource, "keyId", alias)) &&
      effect === "Allow" &&
      principals.some(({ id }) => id === "cloudwatch.amazonaws.com") &&
      ["kms:Decrypt", "kms:GenerateDataKey"].every((action) =>
        actions.some((one) => one.replace(/\*$/, "") === action || one === "kms:*"),
      ),
  );
  return usable
    ? []
    : [found(alias, "policy", "expected CloudWatch to be let in: kms:Decrypt and kms:GenerateDataKey*")];
}
