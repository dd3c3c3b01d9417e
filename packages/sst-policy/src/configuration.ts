import type { Resource, Value } from "@backend/sst-graph/graph";
import { isObject, splitPieces } from "@backend/sst-graph/reference";
import { functionOf } from "./api";
import { appendOnlyTables } from "./iam";
import { asynchronousSource, FUNCTION } from "./lambda";
import type { Rule } from "./rule";
import { grantsOf } from "./statements";
import { expectThat, found, raw, targetOf, type View, written } from "./view";

const DATA = ["aws:dynamodb/table:Table", "aws:sqs/queue:Queue", "aws:cloudwatch/logGroup:LogGroup"];

/** Besides routes and what `asynchronousSource` finds: types of resources that invoke functions, and where they name them. */
const INVOKERS: [type: string, ...paths: string[]][] = [
  ["aws:lambda/eventSourceMapping:EventSourceMapping", "functionName"],
  ["aws:lambda/functionUrl:FunctionUrl", "functionName"],
  ["aws:apigatewayv2/authorizer:Authorizer", "authorizerUri"],
  ["aws:cognito/userPool:UserPool", "lambdaConfig"],
  ["aws:cloudfront/distribution:Distribution", "origins", "defaultCacheBehavior", "orderedCacheBehaviors"],
  ["aws:s3/bucketNotification:BucketNotification", "lambdaFunctions"],
  ["aws:cloudwatch/eventTarget:EventTarget", "arn"],
];

/** Rules about the variables of functions. */
export const CONFIGURATION_RULES: Rule[] = [
  {
    id: "variables-match-grants",
    severity: "medium",
    title: "A function may use the tables, queues and log groups that its variables name, and no others",
    reason: "A right to something that the function is not told of is used by nobody but an intruder.",
    fix: "Name the same resources in the function's environment and permissions.",
    check: (view) =>
      view.all(FUNCTION).flatMap((lambda) => {
        const role = targetOf(view, raw(lambda, "role"))?.resource;
        if (role === undefined) return []; // lambda-own-role tells
        const told = new Set(
          Object.values(variablesOf(lambda))
            .flatMap(textsIn)
            .flatMap((text) => dataOf(view, text)),
        );
        const granted = new Set(
          grantsOf(view, role)
            .filter(({ effect }) => effect !== "Deny")
            .flatMap(({ resources }) => resources.flatMap((text) => dataOf(view, text))),
        );
        // Lambda itself sends there, with the rights of the function's role.
        const letters = textsIn(raw(lambda, "deadLetterConfig.targetArn")).flatMap((text) => dataOf(view, text));
        return [
          ...[...granted]
            .filter((name) => !told.has(name) && !letters.includes(name))
            .map((name) => found(lambda, "environment.variables", `may use ${name}, which no variable names`)),
          ...[...told]
            .filter((name) => !granted.has(name))
            .map((name) => found(lambda, "environment.variables", `is told of ${name}, which it may not use`)),
        ];
      }),
  },
  {
    id: "audit-retention",
    severity: "medium",
    title: "A function of an append-only table knows for how long items are kept; prod for a year at least",
    reason: "PCI DSS 4.0, 10.5.1, asks for records of a year.",
    fix: "Set the variable <NAME>_RETENTION_DAYS beside <NAME>_TABLE.",
    check: (view) => {
      const tables = appendOnlyTables(view).map(({ name }) => name);
      return view.all(FUNCTION).flatMap((lambda) =>
        Object.entries(variablesOf(lambda))
          .filter(([, value]) =>
            textsIn(value).some((text) => dataOf(view, text).some((name) => tables.includes(name))),
          )
          .flatMap(([variable]) =>
            expectThat(
              view,
              lambda,
              `environment.variables.${variable.replace(/_TABLE$/, "")}_RETENTION_DAYS`,
              (days) => /^\d+$/.test(String(days)) && Number(days) >= (view.strict ? 365 : 7) && Number(days) <= 3653,
              `expected ${view.strict ? 365 : 7} to 3653 days`,
            ),
          ),
      );
    },
  },
  {
    id: "function-is-invoked",
    severity: "medium",
    title: "Something of the deployment invokes each function",
    reason: "Without its log subscription or schedule a function does nothing, and no alarm tells.",
    fix: "Declare what invokes the function, or remove the function.",
    check: (view) =>
      view
        .all(FUNCTION)
        .filter((lambda) => !isInvoked(view, lambda))
        .map((lambda) =>
          found(lambda, "@", "expected a route, subscription, schedule or event source that invokes it"),
        ),
  },
];

function isInvoked(view: View, lambda: Resource): boolean {
  if (asynchronousSource(view, lambda) !== undefined) return true;
  if (view.all("aws:apigatewayv2/route:Route").some((route) => functionOf(view, route) === lambda)) return true;
  return INVOKERS.some(([type, ...paths]) =>
    view.all(type).some((one) => paths.some((path) => refersTo(raw(one, path), lambda))),
  );
}

const refersTo = (value: Value | undefined, { urn }: Resource) => JSON.stringify(value ?? "").includes(`${urn}#`);

function variablesOf(lambda: Resource): Record<string, Value | undefined> {
  const variables = raw(lambda, "environment.variables");
  return variables !== undefined && variables !== null && isObject(variables) ? variables : {};
}

/** The texts that a value holds, as `written` has them: JSON holds those of its parts. */
function textsIn(value: Value | undefined): string[] {
  const text = written(value);
  if (text !== undefined) return [text];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** Names of the tables, queues and log groups whose outputs a text holds. */
function dataOf(view: View, text: string): string[] {
  if (!text.includes("${urn:")) return [];
  return splitPieces(text).flatMap((piece) => {
    const resource = "ref" in piece ? view.get(piece.ref.slice(0, piece.ref.lastIndexOf("#"))) : undefined;
    return resource !== undefined && DATA.includes(resource.type) ? [resource.name] : [];
  });
}
