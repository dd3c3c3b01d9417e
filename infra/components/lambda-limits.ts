/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const MAX_NAME_LENGTH = 64;

/**
 * All variables of a function together:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_VARIABLES_BYTES = 4096;

/** Returns the name. Throws an Error before anything is deployed if Lambda would refuse it. */
export function checkFunctionName(name: string): string {
  if (name.length <= MAX_NAME_LENGTH) return name;
  throw new Error(
    `function name "${name}" has ${name.length} characters, and Lambda allows ${MAX_NAME_LENGTH}: ` +
      "choose a shorter prefix in infra/app.ts, or a shorter name for the stage or the function",
  );
}

/** Returns the limit. Throws an Error for one that Lambda refuses, or that stops the function. */
export function checkReservedConcurrency(functionName: string, limit: number): number {
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new Error(
    `function "${functionName}": reservedConcurrency is ${limit}: expected a whole number of at least 1. ` +
      `To stop a function, use pnpm ops stop`,
  );
}

/**
 * Returns the variables. Throws an Error if Lambda would refuse them: FUNCTION_LOG_GROUPS grows
 * with the routes. Lambda measures them as JSON.
 */
export function checkVariables<V extends Record<string, string>>(functionName: string, variables: V): V {
  const size = Buffer.byteLength(JSON.stringify(variables));
  if (size <= MAX_VARIABLES_BYTES) return variables;
  const sizes = Object.entries(variables).map(([key, value]) => ({ key, bytes: Buffer.byteLength(value) }));
  const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
  throw new Error(
    `the variables of function "${functionName}" have ${size} bytes, and Lambda allows ${MAX_VARIABLES_BYTES}: ` +
      `shorten ${largest?.key}, which has ${largest?.bytes} bytes`,
  );
}
