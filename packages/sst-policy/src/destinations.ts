import type { Resource, Value } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { flag, flagUnknown, inputOf, isUnknownText, targetOf, textOf, type View } from "./view";

const INVOCATION = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";

/** Properties that name a source or destination of events. */
const ENDS: [type: string, path: string][] = [
  [INVOCATION, "destinationConfig.onFailure.destination"],
  [INVOCATION, "destinationConfig.onSuccess.destination"],
  [MAPPING, "eventSourceArn"],
  [MAPPING, "functionName"],
  [MAPPING, "destinationConfig.onFailure.destinationArn"],
  ["aws:scheduler/schedule:Schedule", "target.deadLetterConfig.arn"],
  ["aws:lambda/function:Function", "deadLetterConfig.targetArn"],
];
/**
 * Protocols that deliver to a person: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
 */
const TO_PEOPLE = ["email", "email-json", "sms"];

export const DESTINATION_RULES: Rule[] = [
  {
    id: "destination-declared",
    severity: "high",
    title: "Events come from and go to resources of this deployment",
    reason: "A failed event contains the function's input. An undeclared source can send the function any event.",
    fix: "Refer to a queue, topic, table, stream or function of this deployment.",
    check: (view) =>
      ENDS.flatMap(([type, path]) => view.all(type).flatMap((resource) => endFindings(view, resource, path))),
  },
  {
    id: "subscription-recipient",
    severity: "high",
    title: "Messages of a topic go to people, or to resources of this deployment",
    reason: "The owner of a webhook learns what fails and when. A filter hides messages from the people who must act.",
    fix: "Use an email address, or waive the finding with a reason.",
    check: (view) => view.all(SUBSCRIPTION).flatMap((subscription) => recipientFindings(view, subscription)),
  },
];

function endFindings(view: View, resource: Resource, path: string): Finding[] {
  const end = inputOf(resource, path);
  if (end === undefined || targetOf(view, end) !== undefined) return [];
  if (isUnknownText(textOf(end) ?? ""))
    return [flagUnknown(resource, path, "the resource is known only after the deployment")];
  return [flag(resource, path, `"${textOf(end) ?? ""}" is not part of this deployment`)];
}

function recipientFindings(view: View, subscription: Resource): Finding[] {
  const protocol = String(inputOf(subscription, "protocol"));
  const endpoint = inputOf(subscription, "endpoint");
  return [
    ...(TO_PEOPLE.includes(protocol) || isReached(view, protocol, endpoint)
      ? []
      : [flag(subscription, "endpoint", `messages go to "${textOf(endpoint) ?? ""}"`)]),
    ...["filterPolicy", "filterPolicyScope", "deliveryPolicy"]
      .filter((path) => inputOf(subscription, path) !== undefined)
      .map((path) => flag(subscription, path, "expected every message to be delivered")),
  ];
}

function isReached(view: View, protocol: string, endpoint: Value | undefined): boolean {
  return !["http", "https"].includes(protocol) && targetOf(view, endpoint) !== undefined;
}
