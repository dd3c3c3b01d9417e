import type { Resource } from "@backend/sst-graph/graph";
import { functionOf } from "./api";
import type { Finding, Rule } from "./rule";
import {
  expectTarget,
  expectThat,
  found,
  isUnknownText,
  outputText,
  raw,
  targetOf,
  unknown,
  type View,
  written,
} from "./view";

export const FUNCTION = "aws:lambda/function:Function";
const PERMISSION = "aws:lambda/permission:Permission";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const ROLE = "aws:iam/role:Role";
const ROUTE = "aws:apigatewayv2/route:Route";
const AUTHORIZER = "aws:apigatewayv2/authorizer:Authorizer";

/** On 2026-11-23: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const RUNTIMES = [
  ...["nodejs22.x", "nodejs24.x", "python3.11", "python3.12", "python3.13", "python3.14"],
  ...["java17", "java21", "java25", "dotnet8", "dotnet10", "ruby3.3", "ruby3.4", "provided.al2023"],
];

/** Lambda's own default, in seconds: a function that calls AWS needs as much after a cold start. */
const SHORTEST = 3;

const ofFunctions = (check: (view: View, lambda: Resource) => Finding[]) => (view: View) =>
  view.all(FUNCTION).flatMap((lambda) => check(view, lambda));

export const LAMBDA_RULES: Rule[] = [
  {
    id: "permission-not-public",
    severity: "critical",
    title: "Only named services may invoke a function, each from one source",
    reason:
      "A permission without a source lets the service invoke the function on behalf of any account that asks it to.",
    fix: "State principal, the exact sourceArn, and the action lambda:InvokeFunction.",
    mapping: ["Lambda.1", "CKV_AWS_301", "CKV_AWS_364"],
    check: (view) => [
      ...view
        .all(PERMISSION)
        .flatMap((permission) => [
          ...expectThat(
            view,
            permission,
            "principal",
            (principal) => /^[a-z0-9.-]+\.amazonaws\.com$/.test(String(principal)),
            "expected one service as principal",
          ),
          ...expectThat(
            view,
            permission,
            "action",
            (value) => value === "lambda:InvokeFunction",
            "expected InvokeFunction",
          ),
          ...expectTarget(view, permission, "function", [FUNCTION], "expected a function of this deployment"),
          ...sourceFindings(view, permission),
        ]),
      ...view
        .all("aws:lambda/functionUrl:FunctionUrl")
        .flatMap((url) =>
          expectThat(
            view,
            url,
            "authorizationType",
            (value) => value === "AWS_IAM",
            "anyone may call the function's URL",
          ),
        ),
    ],
  },
  {
    id: "permission-exact",
    severity: "high",
    title:
      "API Gateway may invoke a function for the routes that lead to it and the authorizers that it is, CloudWatch Logs for its group",
    reason:
      "SST's own permission holds for every stage, method and path of the API: one mistaken route is enough to reach any function.",
    fix: "Set sourceArn of the permission to the API's ARN with stage, method and path of the route.",
    check: (view) => view.all(PERMISSION).flatMap((permission) => exactFindings(view, permission)),
  },
  {
    id: "route-has-permission",
    severity: "low",
    title: "Each route may invoke the function that it leads to",
    reason: "Otherwise the route answers 500, and whoever repairs it in a hurry permits too much.",
    fix: "Add an aws.lambda.Permission for the route.",
    check: (view) => {
      const permitted = view.all(PERMISSION).map((one) => written(raw(one, "sourceArn")));
      return view.all(ROUTE).flatMap((route) => {
        const lambda = functionOf(view, route);
        if (lambda === undefined) return [found(route, "target", "expected the route to lead to a function")];
        const has = callersOf(view, lambda).some((arn) => permitted.includes(arn));
        return has ? [] : [found(route, "target", "no permission lets API Gateway invoke the function for this route")];
      });
    },
  },
  {
    id: "lambda-runtime",
    severity: "medium",
    title: "A function runs on a runtime that AWS supports",
    reason: "A deprecated runtime gets no security patches.",
    fix: "Set runtime of the function.",
    mapping: ["Lambda.2", "AwsSolutions-L1", "CKV_AWS_363"],
    check: ofFunctions((view, lambda) => [
      ...expectThat(
        view,
        lambda,
        "packageType",
        (type) => type === "Zip" || type === undefined,
        "expected a Zip package",
      ),
      ...expectThat(
        view,
        lambda,
        "runtime",
        (runtime) => RUNTIMES.includes(String(runtime)),
        "expected a supported runtime",
      ),
    ]),
  },
  {
    id: "lambda-arm64",
    severity: "low",
    title: "A function runs on arm64 alone",
    reason: "The bundles are measured there, at four fifths of the price.",
    fix: "Set architecture of the function to arm64.",
    check: ofFunctions((view, lambda) =>
      expectThat(view, lambda, "architectures", (value) => JSON.stringify(value) === '["arm64"]', 'expected ["arm64"]'),
    ),
  },
  {
    id: "lambda-logs",
    severity: "medium",
    title: "A function writes its log as JSON to a group of its own",
    reason: "Text records carry no request id to search by; a group that Lambda makes by itself has no retention.",
    fix: "Set loggingConfig.logFormat to JSON, and loggingConfig.logGroup to a group of the function's own.",
    check: ofFunctions((view, lambda) => [
      ...expectThat(view, lambda, "loggingConfig.logFormat", (format) => format === "JSON", "expected the format JSON"),
      ...expectTarget(
        view,
        lambda,
        "loggingConfig.logGroup",
        [LOG_GROUP],
        "expected the log group of this function, /aws/lambda/<name>",
        (group) => group.inputs.name === `/aws/lambda/${written(raw(lambda, "name"))}`,
      ),
      ...["applicationLogLevel", "systemLogLevel"].flatMap((level) =>
        expectThat(
          view,
          lambda,
          `loggingConfig.${level}`,
          (value) => value === undefined || ["TRACE", "DEBUG", "INFO", "WARN"].includes(String(value)),
          "expected warnings to be written",
        ),
      ),
    ]),
  },
  {
    id: "lambda-own-role",
    severity: "high",
    title: "A function has a role that no other function has",
    reason: "With a shared role each function may do what any of them needs.",
    fix: "Pass no role to the function: SST then creates one.",
    check: ofFunctions((view, lambda) => {
      const shared = view
        .all(FUNCTION)
        .some((one) => one !== lambda && written(raw(one, "role")) === written(raw(lambda, "role")));
      return [
        ...expectTarget(view, lambda, "role", [ROLE], "expected a role of this deployment"),
        ...(shared ? [found(lambda, "role", "another function has the same role")] : []),
        ...expectTarget(
          view,
          lambda,
          "role",
          [ROLE],
          "expected the role that was made with this function",
          (role) => role.parent === lambda.parent,
        ),
      ].slice(0, 1);
    }),
  },
  {
    id: "lambda-own-code",
    severity: "medium",
    title: "A function runs the bundle that was made for it",
    reason: "Another function's code would run with this one's rights.",
    fix: "Let SST bundle the function's own handler.",
    check: ofFunctions((view, lambda) =>
      ["s3Bucket", "s3Key"].flatMap((path) =>
        expectTarget(
          view,
          lambda,
          path,
          ["aws:s3/bucketObjectv2:BucketObjectv2"],
          "expected the bundle that was made with this function",
          (object) => object.parent === lambda.parent && object.name === `${view.get(object.parent ?? "")?.name}Code`,
        ),
      ),
    ),
  },
  {
    id: "lambda-limits",
    severity: "low",
    title: "A function is on; its timeout and memory are stated; behind the API no longer than the API waits",
    reason: "A function that hangs is paid for until its timeout, as often as callers like.",
    fix: "Set timeout and memory of the function.",
    check: ofFunctions((view, lambda) => {
      // API Gateway waits 30 s: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
      const longest = view.all(ROUTE).some((route) => functionOf(view, route) === lambda) ? 30 : 900;
      const between = (path: string, least: number, most: number) =>
        expectThat(
          view,
          lambda,
          path,
          (value) => typeof value === "number" && value >= least && value <= most,
          `expected ${least} to ${most}`,
        );
      return [
        ...between("timeout", SHORTEST, longest),
        ...between("memorySize", 128, 3008),
        ...expectThat(
          view,
          lambda,
          "reservedConcurrentExecutions",
          (value) => value === undefined || Number(value) !== 0,
          "expected the function to be on: with a concurrency of 0 it is never run",
        ),
      ];
    }),
  },
  {
    id: "lambda-no-link-key",
    severity: "low",
    title: "A function holds no key of SST's encrypted link file",
    reason:
      "Nothing is linked: a key in the environment is one more secret that anyone who may read the configuration sees.",
    fix: "Link nothing to the function, and remove SST_KEY from its environment by transform.function.",
    check: ofFunctions((_view, lambda) =>
      ["SST_KEY", "SST_KEY_FILE"]
        .filter((name) => raw(lambda, `environment.variables.${name}`) !== undefined)
        .map((name) => found(lambda, `environment.variables.${name}`, "expected no link key")),
    ),
  },
  {
    id: "lambda-dead-letters",
    severity: "medium",
    title: "A function that is invoked asynchronously has somewhere for the events that it could not handle",
    reason: "After three failures Lambda drops the event, and nobody knows that it was there.",
    fix: "Set deadLetterConfig of the function, or onFailure of its event invoke config.",
    mapping: ["CKV_AWS_116"],
    check: ofFunctions((view, lambda) => {
      const source = asynchronousSource(view, lambda);
      if (source === undefined) return [];
      return expectTarget(
        view,
        lambda,
        "deadLetterConfig.targetArn",
        ["aws:sqs/queue:Queue", "aws:sns/topic:Topic"],
        `it is invoked by ${source}: expected a dead-letter queue`,
      );
    }),
  },
];

/** ARNs for which API Gateway may invoke a function: its routes' in the one stage, and the authorizers that it is. */
function callersOf(view: View, lambda: Resource): string[] {
  const authorizers = view
    .all(AUTHORIZER)
    .filter((authorizer) => targetOf(view, raw(authorizer, "authorizerUri"))?.resource === lambda)
    .flatMap((authorizer) => {
      const api = targetOf(view, raw(authorizer, "apiId"))?.resource;
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
      return api === undefined
        ? []
        : [`${outputText(api, "executionArn")}/authorizers/${outputText(authorizer, "id")}`];
    });
  const routes = view
    .all(ROUTE)
    .filter((route) => functionOf(view, route) === lambda)
    .flatMap((route) => {
      const api = targetOf(view, raw(route, "apiId"))?.resource;
      const [method = "", path = ""] = String(raw(route, "routeKey")).split(" ");
      if (api === undefined || !path.startsWith("/")) return [];
      return [`${outputText(api, "executionArn")}/${view.graph.stage}/${method === "ANY" ? "*" : method}${path}`];
    });
  return [...routes, ...authorizers];
}

function sourceFindings(view: View, permission: Resource): Finding[] {
  const arn = written(raw(permission, "sourceArn"));
  const message = "expected the ARN of what invokes the function, of this deployment";
  if (arn !== undefined && isUnknownText(arn)) return [unknown(permission, "sourceArn", message)];
  const ofGraph = view.graph.resources.some((one) => one.type.startsWith("aws:") && arn?.startsWith(`\${${one.urn}#`));
  return ofGraph ? [] : [found(permission, "sourceArn", message)];
}

function exactFindings(view: View, permission: Resource): Finding[] {
  const lambda = targetOf(view, raw(permission, "function"))?.resource;
  const arn = written(raw(permission, "sourceArn")) ?? "";
  if (lambda === undefined || isUnknownText(arn)) return []; // permission-not-public tells
  const principal = raw(permission, "principal");
  if (principal === "apigateway.amazonaws.com") {
    if (callersOf(view, lambda).includes(arn)) return [];
    return [
      found(permission, "sourceArn", "expected a route that leads to this function, or an authorizer that it is"),
    ];
  }
  if (principal !== "logs.amazonaws.com") return [];
  const groups = view.all(LOG_GROUP).map((group) => `${outputText(group, "arn")}:*`);
  return [
    ...(groups.includes(arn) ? [] : [found(permission, "sourceArn", "expected one log group of this deployment")]),
    ...expectThat(
      view,
      permission,
      "sourceAccount",
      (account) => /^\d{12}$/.test(String(account)),
      "expected the account whose log group it is",
    ),
  ];
}

/** What invokes a function without waiting for its answer. */
export function asynchronousSource(view: View, lambda: Resource): string | undefined {
  const leads = (type: string, path: string) =>
    view.all(type).find((one) => targetOf(view, raw(one, path))?.resource === lambda);
  if (leads("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "destinationArn"))
    return "a log subscription";
  if (leads("aws:scheduler/schedule:Schedule", "target.arn")) return "a schedule";
  if (leads("aws:sns/topicSubscription:TopicSubscription", "endpoint")) return "a topic";
  return undefined;
}
