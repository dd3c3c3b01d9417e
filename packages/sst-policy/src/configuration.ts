import type { Resource, Value } from "@backend/sst-graph/graph";
import { isObject, splitPieces } from "@backend/sst-graph/reference";
import { functionOf } from "./api";
import { appendOnlyTables } from "./iam";
import { asynchronousSource, FUNCTION } from "./lambda";
import type { Rule } from "./rule";
import { grantsOf } from "./statements";
import { expectThat, flag, inputOf, targetOf, textOf, type View } from "./view";

const DATA = ["aws:dynamodb/table:Table", "aws:sqs/queue:Queue", "aws:cloudwatch/logGroup:LogGroup"];

/**
 * Resource types that invoke functions, and the properties that name the function. Routes and the
 * sources that `asynchronousSource` finds are not in this list.
 */
const INVOKERS: [type: string, ...paths: string[]][] = [
  ["aws:lambda/eventSourceMapping:EventSourceMapping", "functionName"],
  ["aws:lambda/functionUrl:FunctionUrl", "functionName"],
  ["aws:apigatewayv2/authorizer:Authorizer", "authorizerUri"],
  ["aws:cognito/userPool:UserPool", "lambdaConfig"],
  ["aws:cloudfront/distribution:Distribution", "origins", "defaultCacheBehavior", "orderedCacheBehaviors"],
  ["aws:s3/bucketNotification:BucketNotification", "lambdaFunctions"],
  ["aws:cloudwatch/eventTarget:EventTarget", "arn"],
];

/** Rules about the environment variables of functions, and about what invokes them. */
export const CONFIGURATION_RULES: Rule[] = [
  {
    id: "variables-match-grants",
    severity: "medium",
    title: "A function may use exactly the tables, queues and log groups that its environment variables name",
    reason: "A permission for a resource that the function does not use helps only an attacker.",
    fix: "Name the same resources in the function's environment and permissions.",
    check: (view) =>
      view.all(FUNCTION).flatMap((lambda) => {
        const role = targetOf(view, inputOf(lambda, "role"))?.resource;
        if (role === undefined) return []; // lambda-own-role reports this
        const referenced = new Set(
          Object.values(variablesOf(lambda))
            .flatMap(textsIn)
            .flatMap((text) => dataOf(view, text)),
        );
        const granted = new Set(
          grantsOf(view, role)
            .filter(({ effect }) => effect !== "Deny")
            .flatMap(({ resources }) => resources.flatMap((text) => dataOf(view, text))),
        );
        // Lambda itself sends to this queue or topic, with the permissions of the function's role.
        const deadLetters = textsIn(inputOf(lambda, "deadLetterConfig.targetArn")).flatMap((text) =>
          dataOf(view, text),
        );
        return [
          ...[...granted]
            .filter((name) => !referenced.has(name) && !deadLetters.includes(name))
            .map((name) => flag(lambda, "environment.variables", `may use ${name}, but no variable names it`)),
          ...[...referenced]
            .filter((name) => !granted.has(name))
            .map((name) => flag(lambda, "environment.variables", `names ${name}, but the function may not use it`)),
        ];
      }),
  },
  {
    id: "audit-retention",
    severity: "medium",
    title: "A function that uses an append-only table knows how long items are kept; in prod at least a year",
    reason: "PCI DSS 4.0, requirement 10.5.1, asks for one year of records.",
    fix: "Set the variable <NAME>_RETENTION_DAYS next to <NAME>_TABLE.",
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
    title: "Every function is invoked by something in the deployment",
    reason: "A function without its log subscription or schedule never runs, and no alarm goes off.",
    fix: "Declare what invokes the function, or remove the function.",
    check: (view) =>
      view
        .all(FUNCTION)
        .filter((lambda) => !isInvoked(view, lambda))
        .map((lambda) => flag(lambda, "@", "expected a route, subscription, schedule or event source that invokes it")),
  },
];

function isInvoked(view: View, lambda: Resource): boolean {
  if (asynchronousSource(view, lambda) !== undefined) return true;
  if (view.all("aws:apigatewayv2/route:Route").some((route) => functionOf(view, route) === lambda)) return true;
  return INVOKERS.some(([type, ...paths]) =>
    view.all(type).some((one) => paths.some((path) => refersTo(inputOf(one, path), lambda))),
  );
}

const refersTo = (value: Value | undefined, { urn }: Resource) => JSON.stringify(value ?? "").includes(`${urn}#`);

function variablesOf(lambda: Resource): Record<string, Value | undefined> {
  const variables = inputOf(lambda, "environment.variables");
  return variables !== undefined && variables !== null && isObject(variables) ? variables : {};
}

/** Returns all texts in a value, as `textOf` returns them. */
function textsIn(value: Value | undefined): string[] {
  const text = textOf(value);
  if (text !== undefined) return [text];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** Returns the names of the tables, queues and log groups whose outputs a text contains. */
function dataOf(view: View, text: string): string[] {
  if (!text.includes("${urn:")) return [];
  return splitPieces(text).flatMap((piece) => {
    const resource = "ref" in piece ? view.get(piece.ref.slice(0, piece.ref.lastIndexOf("#"))) : undefined;
    return resource !== undefined && DATA.includes(resource.type) ? [resource.name] : [];
  });
}
