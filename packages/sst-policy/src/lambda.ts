import type { Resource } from "@backend/sst-graph/graph";
import { functionOf } from "./api";
import type { Finding, Rule } from "./rule";
import {
  expectTarget,
  expectThat,
  flag,
  flagUnknown,
  inputOf,
  isUnknownText,
  outputText,
  targetOf,
  textOf,
  type View,
} from "./view";

export const FUNCTION = "aws:lambda/function:Function";
const PERMISSION = "aws:lambda/permission:Permission";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const ROLE = "aws:iam/role:Role";
const ROUTE = "aws:apigatewayv2/route:Route";
const AUTHORIZER = "aws:apigatewayv2/authorizer:Authorizer";

/**
 * Supported runtimes on 2026-11-23:
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
 */
const RUNTIMES = [
  ...["nodejs22.x", "nodejs24.x", "python3.11", "python3.12", "python3.13", "python3.14"],
  ...["java17", "java21", "java25", "dotnet8", "dotnet10", "ruby3.3", "ruby3.4", "provided.al2023"],
];

/** Lambda's default. A function that calls AWS needs this time after a cold start. */
const MIN_TIMEOUT_SECONDS = 3;

const checkFunctions = (check: (view: View, lambda: Resource) => Finding[]) => (view: View) =>
  view.all(FUNCTION).flatMap((lambda) => check(view, lambda));

export const LAMBDA_RULES: Rule[] = [
  {
    id: "permission-not-public",
    severity: "critical",
    title: "Only named services may invoke a function, each from one source",
    reason: "Without a source, any account can make the service invoke the function.",
    fix: "Set the principal, the exact sourceArn and the action lambda:InvokeFunction.",
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
            "anyone can call the function URL",
          ),
        ),
    ],
  },
  {
    id: "permission-exact",
    severity: "high",
    title:
      "API Gateway may invoke a function only for its routes and authorizers, CloudWatch Logs only for one " +
      "log group",
    reason:
      "SST's default permission covers every stage, method and path of the API. One wrong route is then " +
      "enough to reach any function.",
    fix: "Set the permission's sourceArn to the API's ARN with the stage, method and path of the route.",
    check: (view) => view.all(PERMISSION).flatMap((permission) => exactFindings(view, permission)),
  },
  {
    id: "route-has-permission",
    severity: "low",
    title: "API Gateway may invoke the function of each route",
    reason: "Without the permission the route returns 500, and a hurried repair grants too much.",
    fix: "Add an aws.lambda.Permission for the route.",
    check: (view) => {
      const permitted = view.all(PERMISSION).map((one) => textOf(inputOf(one, "sourceArn")));
      return view.all(ROUTE).flatMap((route) => {
        const lambda = functionOf(view, route);
        if (lambda === undefined) return [flag(route, "target", "expected a function as the target of the route")];
        const has = callersOf(view, lambda).some((arn) => permitted.includes(arn));
        return has
          ? []
          : [flag(route, "target", "no permission allows API Gateway to invoke the function for this route")];
      });
    },
  },
  {
    id: "lambda-runtime",
    severity: "medium",
    title: "A function uses a runtime that AWS supports",
    reason: "Deprecated runtimes get no security patches.",
    fix: "Set the function's runtime.",
    mapping: ["Lambda.2", "AwsSolutions-L1", "CKV_AWS_363"],
    check: checkFunctions((view, lambda) => [
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
    title: "A function runs only on arm64",
    reason: "The bundles are measured on arm64, which costs one fifth less.",
    fix: "Set the function's architecture to arm64.",
    check: checkFunctions((view, lambda) =>
      expectThat(view, lambda, "architectures", (value) => JSON.stringify(value) === '["arm64"]', 'expected ["arm64"]'),
    ),
  },
  {
    id: "lambda-logs",
    severity: "medium",
    title: "A function logs JSON to its own log group",
    reason: "Text logs have no request ID to search by. Log groups that Lambda creates have no retention.",
    fix: "Set loggingConfig.logFormat to JSON, and loggingConfig.logGroup to the function's own log group.",
    check: checkFunctions((view, lambda) => [
      ...expectThat(view, lambda, "loggingConfig.logFormat", (format) => format === "JSON", "expected the format JSON"),
      ...expectTarget(
        view,
        lambda,
        "loggingConfig.logGroup",
        [LOG_GROUP],
        "expected the log group of this function, /aws/lambda/<name>",
        (group) => group.inputs.name === `/aws/lambda/${textOf(inputOf(lambda, "name"))}`,
      ),
      ...["applicationLogLevel", "systemLogLevel"].flatMap((level) =>
        expectThat(
          view,
          lambda,
          `loggingConfig.${level}`,
          (value) => value === undefined || ["TRACE", "DEBUG", "INFO", "WARN"].includes(String(value)),
          "expected WARN or a more detailed level",
        ),
      ),
    ]),
  },
  {
    id: "lambda-own-role",
    severity: "high",
    title: "Every function has its own role",
    reason: "Functions that share a role can do everything that any one of them needs.",
    fix: "Pass no role to the function. SST then creates one.",
    check: checkFunctions((view, lambda) => {
      const shared = view
        .all(FUNCTION)
        .some((one) => one !== lambda && textOf(inputOf(one, "role")) === textOf(inputOf(lambda, "role")));
      return [
        ...expectTarget(view, lambda, "role", [ROLE], "expected a role of this deployment"),
        ...(shared ? [flag(lambda, "role", "another function has the same role")] : []),
        ...expectTarget(
          view,
          lambda,
          "role",
          [ROLE],
          "expected the role that was created with this function",
          (role) => role.parent === lambda.parent,
        ),
      ].slice(0, 1);
    }),
  },
  {
    id: "lambda-own-code",
    severity: "medium",
    title: "A function runs the bundle that was built for it",
    reason: "Another function's code would run with this function's permissions.",
    fix: "Let SST bundle the function's own handler.",
    check: checkFunctions((view, lambda) =>
      ["s3Bucket", "s3Key"].flatMap((path) =>
        expectTarget(
          view,
          lambda,
          path,
          ["aws:s3/bucketObjectv2:BucketObjectv2"],
          "expected the bundle that was built for this function",
          (object) => object.parent === lambda.parent && object.name === `${view.get(object.parent ?? "")?.name}Code`,
        ),
      ),
    ),
  },
  {
    id: "lambda-limits",
    severity: "low",
    title: "A function is enabled, sets its timeout and memory, and stops before the API stops waiting",
    reason: "A function that hangs costs money until its timeout, as often as callers invoke it.",
    fix: "Set the function's timeout and memory.",
    check: checkFunctions((view, lambda) => {
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
        ...between("timeout", MIN_TIMEOUT_SECONDS, longest),
        ...between("memorySize", 128, 3008),
        ...expectThat(
          view,
          lambda,
          "reservedConcurrentExecutions",
          (value) => value === undefined || Number(value) !== 0,
          "expected more than 0: with 0 the function never runs",
        ),
      ];
    }),
  },
  {
    id: "lambda-no-link-key",
    severity: "low",
    title: "A function does not have the key of SST's encrypted link file",
    reason: "Nothing is linked, so the key is a needless secret that anyone who may read the configuration can see.",
    fix: "Link nothing to the function, and remove SST_KEY from its environment with transform.function.",
    check: checkFunctions((_view, lambda) =>
      ["SST_KEY", "SST_KEY_FILE"]
        .filter((name) => inputOf(lambda, `environment.variables.${name}`) !== undefined)
        .map((name) => flag(lambda, `environment.variables.${name}`, "expected no link key")),
    ),
  },
  {
    id: "lambda-dead-letters",
    severity: "medium",
    title: "A function that is invoked asynchronously has a dead-letter queue or topic",
    reason: "After three failed attempts, Lambda drops the event and nobody notices.",
    fix: "Set the function's deadLetterConfig to a queue or topic of this deployment.",
    mapping: ["CKV_AWS_116"],
    check: checkFunctions((view, lambda) => {
      const source = asynchronousSource(view, lambda);
      if (source === undefined) return [];
      return expectTarget(
        view,
        lambda,
        "deadLetterConfig.targetArn",
        ["aws:sqs/queue:Queue", "aws:sns/topic:Topic"],
        `expected a dead-letter queue or topic: the function is invoked by ${source}`,
      );
    }),
  },
];

/** Returns the ARNs of the routes and authorizers for which API Gateway may invoke a function. */
function callersOf(view: View, lambda: Resource): string[] {
  const authorizers = view
    .all(AUTHORIZER)
    .filter((authorizer) => targetOf(view, inputOf(authorizer, "authorizerUri"))?.resource === lambda)
    .flatMap((authorizer) => {
      const api = targetOf(view, inputOf(authorizer, "apiId"))?.resource;
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
      return api === undefined
        ? []
        : [`${outputText(api, "executionArn")}/authorizers/${outputText(authorizer, "id")}`];
    });
  const routes = view
    .all(ROUTE)
    .filter((route) => functionOf(view, route) === lambda)
    .flatMap((route) => {
      const api = targetOf(view, inputOf(route, "apiId"))?.resource;
      const [method = "", path = ""] = String(inputOf(route, "routeKey")).split(" ");
      if (api === undefined || !path.startsWith("/")) return [];
      return [`${outputText(api, "executionArn")}/${view.graph.stage}/${method === "ANY" ? "*" : method}${path}`];
    });
  return [...routes, ...authorizers];
}

function sourceFindings(view: View, permission: Resource): Finding[] {
  const arn = textOf(inputOf(permission, "sourceArn"));
  const message = "expected the ARN of a resource of this deployment that invokes the function";
  if (arn !== undefined && isUnknownText(arn)) return [flagUnknown(permission, "sourceArn", message)];
  const ofGraph = view.graph.resources.some((one) => one.type.startsWith("aws:") && arn?.startsWith(`\${${one.urn}#`));
  return ofGraph ? [] : [flag(permission, "sourceArn", message)];
}

function exactFindings(view: View, permission: Resource): Finding[] {
  const lambda = targetOf(view, inputOf(permission, "function"))?.resource;
  const arn = textOf(inputOf(permission, "sourceArn")) ?? "";
  if (lambda === undefined || isUnknownText(arn)) return []; // permission-not-public reports this
  const principal = inputOf(permission, "principal");
  if (principal === "apigateway.amazonaws.com") {
    if (callersOf(view, lambda).includes(arn)) return [];
    return [flag(permission, "sourceArn", "expected a route or an authorizer that uses this function")];
  }
  if (principal !== "logs.amazonaws.com") return [];
  const groups = view.all(LOG_GROUP).map((group) => `${outputText(group, "arn")}:*`);
  return [
    ...(groups.includes(arn) ? [] : [flag(permission, "sourceArn", "expected one log group of this deployment")]),
    ...expectThat(
      view,
      permission,
      "sourceAccount",
      (account) => /^\d{12}$/.test(String(account)),
      "expected the account of the log group",
    ),
  ];
}

/** Returns what invokes a function without waiting for its response, or undefined. */
export function asynchronousSource(view: View, lambda: Resource): string | undefined {
  const invokes = (type: string, path: string) =>
    view.all(type).find((one) => targetOf(view, inputOf(one, path))?.resource === lambda);
  if (invokes("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "destinationArn"))
    return "a log subscription";
  if (invokes("aws:scheduler/schedule:Schedule", "target.arn")) return "a schedule";
  if (invokes("aws:sns/topicSubscription:TopicSubscription", "endpoint")) return "a topic";
  return undefined;
}
