import type { Resource, Value } from "../graph";
import { isObject, splitPieces } from "../reference";
import { asynchronousSource, FUNCTION } from "./lambda";
import type { Rule } from "./rule";
import { grantsOf } from "./statements";
import { expectThat, found, raw, targetOf, type View, written } from "./view";

const DATA = ["aws:dynamodb/table:Table", "aws:sqs/queue:Queue", "aws:cloudwatch/logGroup:LogGroup"];

/** What functions are told, and what comes of it. */
export const CONFIGURATION_RULES: Rule[] = [
  {
    id: "variables-match-grants",
    severity: "medium",
    title: "A function may use the tables, queues and log groups that its variables name, and no others",
    reason: "A right to something that the function is not told of is used by nobody but an intruder.",
    fix: "Give environment and permissions of secureFunction the same resources.",
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
        return [
          ...[...granted]
            .filter((name) => !told.has(name))
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
    title: "Functions that keep audit events know for how long; prod for a year at least",
    reason: "PCI DSS 4.0, 10.5.1, asks for a year of audit trail.",
    fix: "Set auditRetentionDays in infra/stage.ts.",
    check: (view) =>
      view
        .all(FUNCTION)
        .filter((lambda) => variablesOf(lambda).AUDIT_TABLE !== undefined)
        .flatMap((lambda) =>
          expectThat(
            view,
            lambda,
            "environment.variables.AUDIT_RETENTION_DAYS",
            (days) => /^\d+$/.test(String(days)) && Number(days) >= (view.strict ? 365 : 7) && Number(days) <= 3653,
            `expected ${view.strict ? 365 : 7} to 3653 days`,
          ),
        ),
  },
  {
    id: "triggers-as-promised",
    severity: "medium",
    title: "What runs by itself is what docs promise: the roll-up of the access log, and its compaction",
    reason: "When the subscription is gone nothing is counted, and nobody is told.",
    fix: "Change infra/components/traffic.ts back; if the change is meant, make it in packages/graph/src/policy/promises.ts and in docs too.",
    check: (view) =>
      Object.entries(view.promises?.triggers ?? {}).flatMap(([name, promised]) => {
        const lambda = view.all(FUNCTION).find(({ inputs }) => inputs.name === `${name}-${view.graph.stage}`);
        if (lambda === undefined)
          return [found("stage", "resources", `promises.ts has the function ${name}, which is not declared`)];
        const actual = asynchronousSource(view, lambda);
        if (promised === "user pool") return []; // user-pool-triggers tells
        return actual === `a ${promised}` ? [] : [found(lambda, "@", `expected it to be invoked by a ${promised}`)];
      }),
  },
];

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
