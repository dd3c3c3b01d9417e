import type { Graph, Resource, Value } from "@backend/sst-graph/graph";
import { isReference, splitPieces } from "@backend/sst-graph/reference";

import { rowsByStage } from "./by-stage";
import { code, page, table } from "./markdown";

interface Statement {
  Sid?: string;
  Effect: string;
  Action?: string[];
  Resource?: Value[];
}

export function grantsPage(graphs: Graph[]): string {
  const headers = ["role", "actions", "resources", "stages"];
  return page(
    "Grants",
    "the committed graphs in `infra/graph`",
    "What each role may do in AWS: actions, or a managed policy of AWS. Resources have their names from the\n" +
      "graph. Statements with `Deny` are left out:\n" +
      "[security.md](../security.md#what-each-function-may-do-in-aws) says what they prevent.",
    table(headers, rowsByStage(graphs, grantsOf)),
  );
}

function grantsOf(graph: Graph): string[][] {
  const roles = graph.resources.filter(({ type }) => type === "aws:iam/role:Role");
  return roles.flatMap((role) => {
    const managed = (role.inputs.managedPolicyArns ?? []) as string[];
    const rows = [
      ...managed.map((arn) => [`managed policy ${code(arn.replace(/^.*:policy\/(service-role\/)?/, ""))}`, ""]),
      ...statementsOf(role)
        .filter(({ Effect }) => Effect === "Allow")
        .map(grantOf),
    ];
    return rows.map((row) => [ownerOf(role), ...row]);
  });
}

/** Returns a statement's actions and resources, and its other elements as JSON. */
function grantOf({ Sid, Effect, Action = [], Resource = [], ...rest }: Statement): string[] {
  const others = Object.keys(rest).length === 0 ? [] : [code(JSON.stringify(rest))];
  return [Action.map(code).join(", "), [...Resource.map(targetOf), ...others].join(", ")];
}

function statementsOf({ inputs }: Resource): Statement[] {
  const policies = (inputs.inlinePolicies ?? []) as unknown as { policy: { json: { Statement: Statement[] } } }[];
  return policies.flatMap(({ policy }) => policy.json.Statement);
}

/** Returns the name of the component that the role belongs to. */
function ownerOf({ parent, name }: Resource): string {
  return parent?.split("::").at(-1) ?? name;
}

/** Replaces references by names, and removes the `:*` that stands for a log group's streams. */
function targetOf(resource: Value): string {
  if (isReference(resource)) return nameIn(resource.ref);
  const pieces = splitPieces(String(resource)).map((piece) => {
    if ("ref" in piece) return nameIn(piece.ref);
    return "text" in piece ? piece.text : piece.secret;
  });
  return pieces.join("").replace(/:\*$/, "");
}

function nameIn(reference: string): string {
  return reference.split("#")[0]?.split("::").at(-1) ?? reference;
}
