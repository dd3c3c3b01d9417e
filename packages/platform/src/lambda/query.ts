import { invalidInput } from "../input";

/**
 * Returns the decoded parameters of a query string. API Gateway's own parameters are not used: they
 * join the values of one name by a comma.
 *
 * Throws an `AppError` of kind `input` that names a parameter which is given twice.
 */
export function queryOf(rawQueryString: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    if (name in parameters) throw invalidInput([{ pointer: `/${name}`, detail: "must be given once" }]);
    parameters[name] = value;
  }
  return { ...parameters };
}
