import { type Condition, compileCondition, type RequestContext } from "./condition";
import { compilePattern } from "./pattern";
import { objectOf, textsOf } from "./values";

/** A compiled statement of a policy. */
interface Statement {
  effect: "Allow" | "Deny";
  matchesAction(action: string): boolean;
  matchesResource(resource: string): boolean;
  condition: Condition;
}

export type Policies = Statement[];

export interface PolicyRequest {
  /** `dynamodb:PutItem`. */
  action: string;
  /** An ARN, or `*` for an action without a resource. */
  resource: string;
  context: RequestContext;
}

export type Decision = { decision: "allowed" } | { decision: "denied"; reason: "explicit" | "implicit" };

/** The older version is the default. Its policies have no variables: `${...}` is plain text. */
const VERSIONS = ["2008-10-17", "2012-10-17"];
const KEYS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/**
 * Compiles the statements of an identity-based policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @param source name of the policy in errors
 * @throws Error that names an unsupported element: no part of a policy is ignored
 */
export function compilePolicy(source: string, document: unknown): Policies {
  const { Version = "2008-10-17", Statement, Id, ...unknown } = objectOf(document, source);
  rejectUnknown(source, Object.keys(unknown));
  if (typeof Version !== "string" || !VERSIONS.includes(Version)) {
    throw new Error(`${source}: Version ${JSON.stringify(Version)}, expected one of ${VERSIONS.join(", ")}`);
  }
  const hasVariables = Version === "2012-10-17";
  return [Statement]
    .flat()
    .map((statement, index) => compileStatement(`${source}, statement ${index + 1}`, statement, hasVariables));
}

/**
 * Decides a request. An explicit Deny comes before any Allow; without an Allow, the result is a
 * denial.
 */
export function evaluate(policies: Policies, { action, resource, context }: PolicyRequest): Decision {
  const applies = policies.filter(
    (statement) =>
      statement.matchesAction(action) && statement.matchesResource(resource) && statement.condition(context),
  );
  if (applies.some(({ effect }) => effect === "Deny")) return { decision: "denied", reason: "explicit" };
  return applies.length > 0 ? { decision: "allowed" } : { decision: "denied", reason: "implicit" };
}

function compileStatement(source: string, given: unknown, hasVariables: boolean): Statement {
  const statement = objectOf(given, source);
  rejectUnknown(
    source,
    Object.keys(statement).filter((key) => !KEYS.includes(key)),
  );
  const { Effect, Condition } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") throw new Error(`${source}: Effect ${JSON.stringify(Effect)}`);
  return {
    effect: Effect,
    matchesAction: compileMatch(source, statement, { key: "Action", ignoreCase: true, hasVariables }),
    matchesResource: compileMatch(source, statement, { key: "Resource", ignoreCase: false, hasVariables }),
    condition: compileCondition(source, Condition, hasVariables),
  };
}

interface MatchOptions {
  key: "Action" | "Resource";
  ignoreCase: boolean;
  hasVariables: boolean;
}

function compileMatch(
  source: string,
  statement: Record<string, unknown>,
  { key, ignoreCase, hasVariables }: MatchOptions,
) {
  const not = `Not${key}`;
  if (key in statement === not in statement) throw new Error(`${source}: expected one of ${key} and ${not}`);
  const name = key in statement ? key : not;
  const texts = textsOf(`${source}, ${name}`, statement[name], hasVariables);
  const patterns = texts.map((text) => compilePattern(text, ignoreCase));
  const matches = (value: string) => patterns.some((pattern) => pattern.test(value));
  return name === not ? (value: string) => !matches(value) : matches;
}

function rejectUnknown(source: string, [unknown]: string[]): void {
  if (unknown !== undefined) throw new Error(`${source}: ${unknown} is not supported offline`);
}
