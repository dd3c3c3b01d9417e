import type { Resource } from "@backend/sst-graph/graph";
import { roleOfFunction } from "./iam";
import type { Finding, Rule } from "./rule";
import { grantsOf } from "./statements";
import { expectTarget, expectThat, flag, flagUnknown, inputOf, outputText, targetOf, textOf, type View } from "./view";

const QUEUE = "aws:sqs/queue:Queue";
const SCHEDULE = "aws:scheduler/schedule:Schedule";
const FUNCTION = "aws:lambda/function:Function";

export const MESSAGING_RULES: Rule[] = [
  {
    id: "queue-encrypted",
    severity: "medium",
    title: "Every queue is encrypted",
    reason: "A dead letter contains the function's event, such as access log entries.",
    fix: "Set sqsManagedSseEnabled or kmsMasterKeyId.",
    mapping: ["SQS.1", "CKV_AWS_27"],
    check: (view) =>
      view
        .all(QUEUE)
        .flatMap((queue) =>
          inputOf(queue, "kmsMasterKeyId") !== undefined
            ? []
            : expectThat(
                view,
                queue,
                "sqsManagedSseEnabled",
                (value) => value === true,
                "expected true, set explicitly",
              ),
        ),
  },
  {
    id: "dead-letters-kept",
    severity: "medium",
    title: "Dead-letter queues keep messages for 14 days, and accept any event",
    reason: "People need time to look at dead letters. The default of 4 days can be over after a long weekend.",
    fix: "Set messageRetentionSeconds to 1209600 and maxMessageSize to 1048576.",
    check: (view) =>
      view
        .all(QUEUE)
        .filter((queue) => isDeadLetterQueue(view, queue))
        .flatMap((queue) => [
          ...expectThat(view, queue, "messageRetentionSeconds", (value) => value === 1_209_600, "expected 1209600"),
          ...expectThat(
            view,
            queue,
            "maxMessageSize",
            (value) => value === 1_048_576,
            "expected 1048576: a Lambda event can be that large",
          ),
          ...expectThat(
            view,
            queue,
            "fifoQueue",
            (value) => value !== true,
            "expected no FIFO queue: Lambda does not support one",
          ),
          ...expectThat(view, queue, "delaySeconds", (value) => Number(value ?? 0) === 0, "expected no delay"),
        ]),
  },
  {
    id: "schedule-invokes-function",
    severity: "medium",
    title: "A schedule is enabled and invokes a function of this deployment, with a role that may do nothing else",
    reason:
      "A schedule's role with more permissions bypasses the function's own role. A disabled schedule stops " +
      "its work, and nobody notices.",
    fix: "Set state to ENABLED, the function as the target, and a role that may invoke only this function.",
    check: (view) => view.all(SCHEDULE).flatMap((schedule) => scheduleFindings(view, schedule)),
  },
  {
    id: "secret-rotated",
    severity: "medium",
    title: "Secrets in Secrets Manager are rotated",
    reason: "Everyone who ever saw a secret that never changes still knows it.",
    fix: "Add aws.secretsmanager.SecretRotation.",
    mapping: ["SecretsManager.1"],
    check: (view) =>
      view
        .all("aws:secretsmanager/secret:Secret")
        .filter(
          (secret) =>
            !view
              .all("aws:secretsmanager/secretRotation:SecretRotation")
              .some((one) => pointsTo(view, one, "secretId", secret)),
        )
        .map((secret) => flag(secret, "@", "expected a rotation")),
  },
  {
    id: "key-rotated",
    severity: "medium",
    title: "KMS keys are rotated, and are deleted only after 30 days",
    reason: "Data that was encrypted with a deleted key is lost.",
    fix: "Set enableKeyRotation to true and deletionWindowInDays to 30.",
    mapping: ["KMS.4", "CKV_AWS_7"],
    check: (view) =>
      view
        .all("aws:kms/key:Key")
        .flatMap((key) => [
          ...expectThat(view, key, "enableKeyRotation", (value) => value === true, "expected rotation"),
          ...expectThat(
            view,
            key,
            "deletionWindowInDays",
            (days) => days === undefined || days === 30,
            "expected 30 days",
          ),
        ]),
  },
];

export function pointsTo(view: View, resource: Resource, path: string, target: Resource): boolean {
  return targetOf(view, inputOf(resource, path))?.resource === target;
}

export function isDeadLetterQueue(view: View, queue: Resource): boolean {
  const arn = outputText(queue, "arn");
  return (
    view.all(FUNCTION).some((lambda) => pointsTo(view, lambda, "deadLetterConfig.targetArn", queue)) ||
    view.all(SCHEDULE).some((schedule) => pointsTo(view, schedule, "target.deadLetterConfig.arn", queue)) ||
    view.all(QUEUE).some((one) => textOf(inputOf(one, "redrivePolicy.deadLetterTargetArn")) === arn)
  );
}

const MINUTES_PER_UNIT: Record<string, number> = { minute: 1, hour: 60, day: 24 * 60 };

/**
 * True for schedules that repeat:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
function isRegular(expression: string): boolean {
  const [, count, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count !== undefined)
    return Number(count) > 0 && Number(count) * (MINUTES_PER_UNIT[unit] ?? Number.NaN) <= 24 * 60;
  return /^cron\([^)]+\)$/.test(expression);
}

function scheduleFindings(view: View, schedule: Resource): Finding[] {
  const lambda = targetOf(view, inputOf(schedule, "target.arn"))?.resource;
  const role = targetOf(view, inputOf(schedule, "target.roleArn"))?.resource;
  const grants = role === undefined ? [] : grantsOf(view, role).filter(({ effect }) => effect !== "Deny");
  const functionArn = lambda === undefined ? "" : outputText(lambda, "arn");
  const isExact = grants.every(
    ({ actions, resources }) =>
      actions.every((action) => ["lambda:InvokeFunction", "sqs:SendMessage"].includes(action)) &&
      (actions.includes("sqs:SendMessage") ||
        resources.every((text) => text === functionArn || text === `${functionArn}:*`)),
  );
  const mayInvoke = grants.some(
    ({ actions, resources }) => actions.includes("lambda:InvokeFunction") && resources.includes(functionArn),
  );
  const seen = view.read(schedule, "scheduleExpression");
  return [
    ...expectTarget(view, schedule, "target.arn", [FUNCTION], "expected a function of this deployment"),
    ...expectTarget(
      view,
      schedule,
      "target.roleArn",
      ["aws:iam/role:Role"],
      "expected a role of this deployment that no function uses",
      (one) => roleOfFunction(view, one) === undefined,
    ),
    ...expectThat(view, schedule, "state", (state) => state === undefined || state === "ENABLED", "expected ENABLED"),
    ...(role !== undefined && !(isExact && mayInvoke)
      ? [flag(role, "inlinePolicies", "expected permission to invoke the function, and no other")]
      : []),
    ...(seen.is === "unknown" ? [flagUnknown(schedule, "scheduleExpression", seen.why)] : []),
    ...(seen.is === "known" && isRegular(String(seen.value))
      ? []
      : seen.is === "unknown"
        ? []
        : [flag(schedule, "scheduleExpression", "expected cron(), or rate() of at most a day: at() runs only once")]),
    ...["startDate", "endDate"]
      .filter((path) => inputOf(schedule, path) !== undefined)
      .map((path) => flag(schedule, path, "expected a schedule without start and end")),
  ];
}
