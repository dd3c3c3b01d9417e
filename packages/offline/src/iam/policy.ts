import { type Condition, compileCondition, type RequestContext } from "./condition";
import { compilePattern } from "./pattern";

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

const KEYS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/**
 * The statements of identity-based policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @param source what the policy is called in errors
 * @throws Error that names what it does not know: nothing of a policy is passed over
 */
export function compilePolicy(source: string, document: unknown): Policies {
  const { Version, Statement, Id, ...unknown } = objectOf(document, source);
  refuseUnknown(source, Object.keys(unknown));
  if (Version !== "2012-10-17") throw new Error(`${source}: Version ${JSON.stringify(Version)}, expected "2012-10-17"`);
  return [Statement].flat().map((statement, index) => compileStatement(`${source}, statement ${index + 1}`, statement));
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

function compileStatement(source: string, given: unknown): Statement {
  const statement = objectOf(given, source);
  refuseUnknown(
    source,
    Object.keys(statement).filter((key) => !KEYS.includes(key)),
  );
  const { Effect, Condition } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") throw new Error(`${source}: Effect ${JSON.stringify(Effect)}`);
  return {
    effect: Effect,
    matchesAction: matcher(source, statement, "Action", "NotAction", true),
    matchesResource: matcher(source, statement, "Resource", "NotResource", false),
    condition: compileCondition(source, Condition),
  };
}

function matcher(source: string, statement: Record<string, unknown>, key: string, not: string, ignoreCase: boolean) {
  if (key in statement === not in statement) throw new Error(`${source}: expected one of ${key} and ${not}`);
  const name = key in statement ? key : not;
  const patterns = textsOf(`${source}, ${name}`, statement[name]).map((text) => compilePattern(text, ignoreCase));
  const matches = (value: string) => patterns.some((pattern) => pattern.test(value));
  return name === not ? (value: string) => !matches(value) : matches;
}

/** One text or a list of them, without policy variables. */
export function textsOf(source: string, value: unknown): string[] {
  const texts = [value].flat();
  if (texts.length === 0) throw new Error(`${source}: expected at least one value`);
  return texts.map((text) => {
    if (typeof text !== "string") throw new Error(`${source}: expected a text, found ${JSON.stringify(text)}`);
    if (text.includes("${")) throw new Error(`${source}: policy variables, as in ${text}, are not evaluated here`);
    return text;
  });
}

export function objectOf(value: unknown, source: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${source}: expected an object, found ${JSON.stringify(value)}`);
}

function refuseUnknown(source: string, [unknown]: string[]): void {
  if (unknown !== undefined) throw new Error(`${source}: ${unknown} is not evaluated here`);
}
