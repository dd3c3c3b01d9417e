import type { Resource, Value } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { found, isUnknownText, raw, targetOf, unknown, type View, written } from "./view";

const INVOCATION = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";

/** Paths at which a resource names where events come from or go to. */
const ENDS: [type: string, path: string][] = [
  [INVOCATION, "destinationConfig.onFailure.destination"],
  [INVOCATION, "destinationConfig.onSuccess.destination"],
  [MAPPING, "eventSourceArn"],
  [MAPPING, "functionName"],
  [MAPPING, "destinationConfig.onFailure.destinationArn"],
  ["aws:scheduler/schedule:Schedule", "target.deadLetterConfig.arn"],
  ["aws:lambda/function:Function", "deadLetterConfig.targetArn"],
];
/** A person reads them: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
const TO_PEOPLE = ["email", "email-json", "sms"];

export const DESTINATION_RULES: Rule[] = [
  {
    id: "destination-declared",
    severity: "high",
    title: "Events come from what the deployment declares, and go there",
    reason: "An event that failed holds what the function was given; a source that nobody declared feeds it anything.",
    fix: "Refer to a queue, topic, table, stream or function of this deployment.",
    check: (view) =>
      ENDS.flatMap(([type, path]) => view.all(type).flatMap((resource) => endFindings(view, resource, path))),
  },
  {
    id: "subscription-recipient",
    severity: "high",
    title: "Messages of a topic go to people, or to what the deployment declares",
    reason: "Whoever owns a web hook learns what fails and when; a filter keeps messages from those who have to act.",
    fix: "Use an email address, or waive the finding with the reason.",
    check: (view) => view.all(SUBSCRIPTION).flatMap((subscription) => recipientFindings(view, subscription)),
  },
];

function endFindings(view: View, resource: Resource, path: string): Finding[] {
  const end = raw(resource, path);
  if (end === undefined || targetOf(view, end) !== undefined) return [];
  if (isUnknownText(written(end) ?? "")) return [unknown(resource, path, "it is known after the deployment alone")];
  return [found(resource, path, `"${written(end) ?? ""}" is nothing that this deployment declares`)];
}

function recipientFindings(view: View, subscription: Resource): Finding[] {
  const protocol = String(raw(subscription, "protocol"));
  const endpoint = raw(subscription, "endpoint");
  return [
    ...(TO_PEOPLE.includes(protocol) || isReached(view, protocol, endpoint)
      ? []
      : [found(subscription, "endpoint", `messages go to "${written(endpoint) ?? ""}"`)]),
    ...["filterPolicy", "filterPolicyScope", "deliveryPolicy"]
      .filter((path) => raw(subscription, path) !== undefined)
      .map((path) => found(subscription, path, "expected every message to be delivered")),
  ];
}

function isReached(view: View, protocol: string, endpoint: Value | undefined): boolean {
  return !["http", "https"].includes(protocol) && targetOf(view, endpoint) !== undefined;
}
