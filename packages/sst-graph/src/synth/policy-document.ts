import type { Plain } from "../graph";

type Fields = Record<string, Plain>;

/**
 * Returns the IAM policy JSON for arguments of the provider's `getPolicyDocument`. SST builds every
 * policy with it. Rules: aws_iam_policy_document in the documentation of Terraform's AWS provider.
 */
export function createPolicyDocument(inputs: Fields): Fields {
  for (const key of Object.keys(inputs)) {
    if (!ARGUMENTS.has(key)) throw new Error(`getPolicyDocument: unknown argument ${key}`);
  }
  const statements = merge([
    ...list(inputs.sourcePolicyDocuments).flatMap(statementsIn),
    ...list(inputs.statements).map((statement) => ({ statement: statementOf(fields(statement)), override: false })),
    ...list(inputs.overridePolicyDocuments).flatMap((document) =>
      statementsIn(document).map(({ statement }) => ({ statement, override: true })),
    ),
  ]);
  const document: Fields = { Version: inputs.version ?? "2012-10-17" };
  if (inputs.policyId !== undefined) document.Id = inputs.policyId;
  document.Statement = statements;
  const json = JSON.stringify(document);
  // An empty list is omitted: SST then creates no policy for the function.
  const { statements: given, ...rest } = inputs;
  return {
    ...rest,
    ...(list(given).length > 0 && { statements: list(given) }),
    id: String(json.length),
    json,
    minifiedJson: json,
  };
}

const ARGUMENTS = new Set(["overridePolicyDocuments", "policyId", "sourcePolicyDocuments", "statements", "version"]);

interface Ordered {
  statement: Fields;
  override: boolean;
}

/**
 * An override replaces an earlier statement with the same Sid. Without override, the provider
 * rejects the Sid.
 */
function merge(ordered: Ordered[]): Fields[] {
  const merged: Fields[] = [];
  for (const { statement, override } of ordered) {
    const same = merged.findIndex((earlier) => earlier.Sid !== undefined && earlier.Sid === statement.Sid);
    if (same === -1) merged.push(statement);
    else if (override) merged[same] = statement;
    else throw new Error(`getPolicyDocument: two statements have the Sid ${JSON.stringify(statement.Sid)}`);
  }
  return merged;
}

function statementsIn(document: Plain): Ordered[] {
  if (typeof document !== "string" || document === "") return [];
  const { Statement } = JSON.parse(document) as { Statement?: Plain };
  return list(Array.isArray(Statement) || Statement === undefined ? Statement : [Statement]).map((statement) => ({
    statement: fields(statement),
    override: false,
  }));
}

function statementOf(statement: Fields): Fields {
  const result: Fields = {};
  if (statement.sid !== undefined && statement.sid !== "") result.Sid = statement.sid;
  result.Effect = statement.effect ?? "Allow";
  const principals = principalsOf(statement.principals);
  const notPrincipals = principalsOf(statement.notPrincipals);
  if (principals !== undefined) result.Principal = principals;
  if (notPrincipals !== undefined) result.NotPrincipal = notPrincipals;
  for (const [key, name] of ELEMENTS) {
    const value = statement[key];
    if (Array.isArray(value) && value.length > 0) result[name] = value;
  }
  const conditions = conditionsOf(statement.conditions);
  if (conditions !== undefined) result.Condition = conditions;
  return result;
}

const ELEMENTS = [
  ["actions", "Action"],
  ["notActions", "NotAction"],
  ["resources", "Resource"],
  ["notResources", "NotResource"],
] as const;

function principalsOf(value: Plain | undefined): Plain | undefined {
  const principals = list(value).map(fields);
  if (principals.length === 0) return undefined;
  if (principals.some(({ type }) => type === "*")) return "*";
  const byType: Record<string, Plain[]> = {};
  for (const { type, identifiers } of principals) {
    const key = String(type);
    byType[key] = [...(byType[key] ?? []), ...list(identifiers)];
  }
  return byType;
}

function conditionsOf(value: Plain | undefined): Fields | undefined {
  const conditions = list(value).map(fields);
  if (conditions.length === 0) return undefined;
  const byTest: Record<string, Record<string, Plain>> = {};
  for (const { test, variable, values } of conditions) {
    const operator = String(test);
    byTest[operator] = { ...byTest[operator], [String(variable)]: values ?? [] };
  }
  return byTest;
}

function list(value: Plain | undefined): Plain[] {
  return Array.isArray(value) ? value : [];
}

function fields(value: Plain): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`getPolicyDocument: expected an object, got ${JSON.stringify(value)}`);
  }
  return value;
}
