/**
 * Returns a string or a list of strings as a list.
 *
 * @param hasVariables true if `${...}` is a policy variable, which is an error here
 */
export function textsOf(source: string, value: unknown, hasVariables: boolean): string[] {
  const texts = [value].flat();
  if (texts.length === 0) throw new Error(`${source}: expected at least one value`);
  return texts.map((text) => {
    if (typeof text !== "string") throw new Error(`${source}: expected a string, found ${JSON.stringify(text)}`);
    if (hasVariables && text.includes("${")) {
      throw new Error(`${source}: policy variables, as in ${text}, are not supported offline`);
    }
    return text;
  });
}

export function objectOf(value: unknown, source: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${source}: expected an object, found ${JSON.stringify(value)}`);
}
