import type { Resource } from "@backend/sst-graph/graph";
import { roleOfFunction } from "./iam";
import type { Finding, Rule } from "./rule";
import { grantsOf } from "./statements";
import { expectTarget, expectThat, found, outputText, raw, targetOf, unknown, type View, written } from "./view";

const QUEUE = "aws:sqs/queue:Queue";
const SCHEDULE = "aws:scheduler/schedule:Schedule";
const FUNCTION = "aws:lambda/function:Function";

export const MESSAGING_RULES: Rule[] = [
  {
    id: "queue-encrypted",
    severity: "medium",
    title: "A queue is encrypted",
    reason: "A dead letter holds what the function was given: lines of the access log.",
    fix: "Set sqsManagedSseEnabled, or kmsMasterKeyId.",
    mapping: ["SQS.1", "CKV_AWS_27"],
    check: (view) =>
      view
        .all(QUEUE)
        .flatMap((queue) =>
          raw(queue, "kmsMasterKeyId") !== undefined
            ? []
            : expectThat(view, queue, "sqsManagedSseEnabled", (value) => value === true, "expected encryption, stated"),
        ),
  },
  {
    id: "dead-letters-kept",
    severity: "medium",
    title: "Dead letters are kept for 14 days, and hold what the function was given",
    reason: "Somebody has to find the time to look: a queue's usual 4 days are a long weekend.",
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
            "expected 1048576: an event of Lambda may be that long",
          ),
          ...expectThat(
            view,
            queue,
            "fifoQueue",
            (value) => value !== true,
            "expected no FIFO queue: Lambda takes none",
          ),
          ...expectThat(view, queue, "delaySeconds", (value) => Number(value ?? 0) === 0, "expected no delay"),
        ]),
  },
  {
    id: "schedule-invokes-function",
    severity: "medium",
    title: "A schedule is on, and invokes a function of the deployment in a role that may do that and no more",
    reason:
      "A schedule's role that may do more is a way around the function's own; one that is off leaves buckets open for good.",
    fix: "Set state to ENABLED, the function as target, and a role that may invoke only this function.",
    check: (view) => view.all(SCHEDULE).flatMap((schedule) => scheduleFindings(view, schedule)),
  },
  {
    id: "secret-rotated",
    severity: "medium",
    title: "A secret in Secrets Manager is rotated",
    reason: "A secret that never changes is known to everyone who ever saw it.",
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
        .map((secret) => found(secret, "@", "expected a rotation")),
  },
  {
    id: "key-rotated",
    severity: "medium",
    title: "A key in KMS is rotated, and is deleted after 30 days at the earliest",
    reason: "What was encrypted with a key is gone with it.",
    fix: "Set enableKeyRotation and deletionWindowInDays.",
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
  return targetOf(view, raw(resource, path))?.resource === target;
}

export function isDeadLetterQueue(view: View, queue: Resource): boolean {
  const arn = outputText(queue, "arn");
  return (
    view.all(FUNCTION).some((lambda) => pointsTo(view, lambda, "deadLetterConfig.targetArn", queue)) ||
    view.all(SCHEDULE).some((schedule) => pointsTo(view, schedule, "target.deadLetterConfig.arn", queue)) ||
    view.all(QUEUE).some((one) => written(raw(one, "redrivePolicy.deadLetterTargetArn")) === arn)
  );
}

const MINUTES: Record<string, number> = { minute: 1, hour: 60, day: 24 * 60 };

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
function isRegular(expression: string): boolean {
  const [, count, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count !== undefined) return Number(count) > 0 && Number(count) * (MINUTES[unit] ?? Number.NaN) <= 24 * 60;
  return /^cron\([^)]+\)$/.test(expression);
}

function scheduleFindings(view: View, schedule: Resource): Finding[] {
  const lambda = targetOf(view, raw(schedule, "target.arn"))?.resource;
  const role = targetOf(view, raw(schedule, "target.roleArn"))?.resource;
  const grants = role === undefined ? [] : grantsOf(view, role).filter(({ effect }) => effect !== "Deny");
  const wanted = lambda === undefined ? "" : outputText(lambda, "arn");
  const exact = grants.every(
    ({ actions, resources }) =>
      actions.every((action) => ["lambda:InvokeFunction", "sqs:SendMessage"].includes(action)) &&
      (actions.includes("sqs:SendMessage") || resources.every((text) => text === wanted || text === `${wanted}:*`)),
  );
  const may = grants.some(
    ({ actions, resources }) => actions.includes("lambda:InvokeFunction") && resources.includes(wanted),
  );
  const seen = view.read(schedule, "scheduleExpression");
  return [
    ...expectTarget(view, schedule, "target.arn", [FUNCTION], "expected a function of this deployment"),
    ...expectTarget(
      view,
      schedule,
      "target.roleArn",
      ["aws:iam/role:Role"],
      "expected a role of the schedule's own",
      (one) => roleOfFunction(view, one) === undefined,
    ),
    ...expectThat(view, schedule, "state", (state) => state === undefined || state === "ENABLED", "expected ENABLED"),
    ...(role !== undefined && !(exact && may)
      ? [found(role, "inlinePolicies", "expected the right to invoke the function, alone")]
      : []),
    ...(seen.is === "unknown" ? [unknown(schedule, "scheduleExpression", seen.why)] : []),
    ...(seen.is === "known" && isRegular(String(seen.value))
      ? []
      : seen.is === "unknown"
        ? []
        : [found(schedule, "scheduleExpression", "expected cron(), or rate() of a day at most: at() runs once")]),
    ...["startDate", "endDate"]
      .filter((path) => raw(schedule, path) !== undefined)
      .map((path) => found(schedule, path, "expected a schedule without an end")),
  ];
}
