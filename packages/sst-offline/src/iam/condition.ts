import { compilePattern } from "./pattern";
import { objectOf, textsOf } from "./values";

/** Values of condition keys, by key in lower case. */
export type RequestContext = Readonly<Record<string, string>>;

export type Condition = (context: RequestContext) => boolean;

/** Supported condition keys. A policy with any other key is an error. */
const CONDITION_KEYS = ["aws:principalarn", "aws:requestedregion", "aws:securetransport"];

/** Compares a value of the request with a value of the policy. */
const OPERATORS: Record<string, (expected: string) => (value: string) => boolean> = {
  StringEquals: (expected) => (value) => value === expected,
  StringEqualsIgnoreCase: (expected) => (value) => value.toLowerCase() === expected.toLowerCase(),
  StringLike: (expected) => tester(compilePattern(expected, false)),
  ArnEquals: (expected) => arnTester(expected),
  ArnLike: (expected) => arnTester(expected),
  Bool: (expected) => (value) => value.toLowerCase() === expected.toLowerCase(),
};

const NEGATED: Record<string, string> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

/**
 * Compiles a statement's condition. All operators and keys must match, each with one of its values.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function compileCondition(source: string, given: unknown, hasVariables: boolean): Condition {
  if (given === undefined) return () => true;
  const tests = Object.entries(objectOf(given, `${source}, Condition`)).flatMap(([operator, keys]) =>
    Object.entries(objectOf(keys, `${source}, ${operator}`)).map(([key, values]) =>
      compileTest({ source: `${source}, ${operator}`, operator, key, values, hasVariables }),
    ),
  );
  return (context) => tests.every((test) => test(context));
}

interface Test {
  source: string;
  operator: string;
  key: string;
  values: unknown;
  hasVariables: boolean;
}

function compileTest({ source, operator, key, values, hasVariables }: Test): Condition {
  const name = key.toLowerCase();
  if (!CONDITION_KEYS.includes(name)) throw new Error(`${source}: the condition key ${key} is not supported offline`);
  const texts = textsOf(`${source} ${key}`, scalars(values), hasVariables);
  if (operator === "Null") {
    const wanted = texts.map((text) => text.toLowerCase() === "true");
    return (context) => wanted.includes(!Object.hasOwn(context, name));
  }
  const [, quantifier = "", base = "", suffix = ""] = OPERATOR.exec(operator) ?? [];
  const isNegated = Object.hasOwn(NEGATED, base);
  const positive = isNegated ? (NEGATED[base] ?? "") : base;
  const compile = Object.hasOwn(OPERATORS, positive) ? OPERATORS[positive] : undefined;
  if (compile === undefined) throw new Error(`${source}: this operator is not supported offline`);
  const tests = texts.map(compile);
  const matchesMissing = WITHOUT_VALUE[quantifier] ?? (suffix !== "" || isNegated);
  return (context) => {
    const value = Object.hasOwn(context, name) ? context[name] : undefined;
    if (value === undefined) return matchesMissing;
    return tests.some((test) => test(value)) !== isNegated;
  };
}

const OPERATOR = /^(ForAllValues:|ForAnyValue:)?(\w+?)(IfExists)?$/;

/**
 * Results of the quantifiers for an empty set of values. All supported keys have a single value,
 * for which a quantifier makes no difference.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
const WITHOUT_VALUE: Record<string, boolean> = { "ForAllValues:": true, "ForAnyValue:": false };

/** Converts booleans and numbers to strings: a policy's JSON may contain `false` or `1`. */
function scalars(values: unknown): unknown[] {
  return [values]
    .flat()
    .map((value) => (typeof value === "boolean" || typeof value === "number" ? String(value) : value));
}

function tester(pattern: RegExp): (value: string) => boolean {
  return (value) => pattern.test(value);
}

/** Compares each of the six parts of an ARN separately. */
function arnTester(expected: string): (value: string) => boolean {
  const patterns = partsOf(expected).map((part) => compilePattern(part, false));
  return (value) => {
    const parts = partsOf(value);
    return parts.length === patterns.length && patterns.every((pattern, index) => pattern.test(parts[index] ?? ""));
  };
}

function partsOf(arn: string): string[] {
  const parts = arn.split(":");
  return parts.length > 6 ? [...parts.slice(0, 5), parts.slice(5).join(":")] : parts;
}
