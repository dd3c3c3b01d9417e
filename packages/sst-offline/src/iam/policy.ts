import { type Condition, compileCondition, type RequestContext } from "./condition";
import { compilePattern } from "./pattern";
import { objectOf, textsOf } from "./values";

/** A statement of a policy, ready to be asked. */
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
  /** An ARN, or `*` where the action knows no resource. */
  resource: string;
  context: RequestContext;
}

export type Decision = { decision: "allowed" } | { decision: "denied"; reason: "explicit" | "implicit" };

/** In a policy of the older version, `${...}` is text. It is the default. */
const VERSIONS = ["2008-10-17", "2012-10-17"];
const KEYS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/**
 * The statements of identity-based policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @param source what the policy is called in errors
 * @throws Error that names what it does not know: nothing of a policy is passed over
 */
export function compilePolicy(source: string, document: unknown): Policies {
  const { Version = "2008-10-17", Statement, Id, ...unknown } = objectOf(document, source);
  refuseUnknown(source, Object.keys(unknown));
  if (typeof Version !== "string" || !VERSIONS.includes(Version)) {
    throw new Error(`${source}: Version ${JSON.stringify(Version)}, expected one of ${VERSIONS.join(", ")}`);
  }
  const hasVariables = Version === "2012-10-17";
  return [Statement]
    .flat()
    .map((statement, index) => compileStatement(`${source}, statement ${index + 1}`, statement, hasVariables));
}

/** An explicit Deny first, then an Allow; what nothing allows is denied. */
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
  refuseUnknown(
    source,
    Object.keys(statement).filter((key) => !KEYS.includes(key)),
  );
  const { Effect, Condition } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") throw new Error(`${source}: Effect ${JSON.stringify(Effect)}`);
  return {
    effect: Effect,
    matchesAction: matcher(source, statement, { key: "Action", ignoreCase: true, hasVariables }),
    matchesResource: matcher(source, statement, { key: "Resource", ignoreCase: false, hasVariables }),
    condition: compileCondition(source, Condition, hasVariables),
  };
}

interface Matched {
  key: "Action" | "Resource";
  ignoreCase: boolean;
  hasVariables: boolean;
}

function matcher(source: string, statement: Record<string, unknown>, { key, ignoreCase, hasVariables }: Matched) {
  const not = `Not${key}`;
  if (key in statement === not in statement) throw new Error(`${source}: expected one of ${key} and ${not}`);
  const name = key in statement ? key : not;
  const texts = textsOf(`${source}, ${name}`, statement[name], hasVariables);
  const patterns = texts.map((text) => compilePattern(text, ignoreCase));
  const matches = (value: string) => patterns.some((pattern) => pattern.test(value));
  return name === not ? (value: string) => !matches(value) : matches;
}

function refuseUnknown(source: string, [unknown]: string[]): void {
  if (unknown !== undefined) throw new Error(`${source}: ${unknown} is not evaluated here`);
}
