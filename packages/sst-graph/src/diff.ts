import type { Graph, Value } from "./graph";
import { isObject } from "./reference";

export interface Difference {
  /**
   * The differing item: `aws:apigatewayv2/stage:Stage "ApiStage"`, `function "Name"`, or empty for
   * the graph itself.
   */
  item: string;
  /**
   * The differing property, such as `inputs.defaultRouteSettings.throttlingRateLimit`. Empty if the
   * item itself was added or removed.
   */
  property: string;
  before: Value | undefined;
  after: Value | undefined;
}

/**
 * Returns every property in which two graphs differ, in the order of the second graph. An added or
 * removed resource counts as one difference.
 */
export function compareGraphs(before: Graph, after: Graph): Difference[] {
  const { resources: _before, functions: functionsBefore, ...headBefore } = before;
  const { resources: _after, functions: functionsAfter, ...headAfter } = after;
  return [
    ...compare("", "", headBefore as unknown as Value, headAfter as unknown as Value),
    ...compareAll(before.resources, after.resources, ({ type, name }) => `${type} "${name}"`),
    ...compareAll(functionsBefore, functionsAfter, ({ name }) => `function "${name}"`),
  ];
}

export function formatDifference({ item, property, before, after }: Difference): string {
  const where = [item, property].filter((part) => part !== "").join(": ");
  return `${where}: ${formatValue(before)} -> ${formatValue(after)}`;
}

/** Returns JSON, or `absent`. */
export function formatValue(value: Value | undefined): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}

function compareAll<T extends { urn: string }>(before: T[], after: T[], label: (item: T) => string): Difference[] {
  const earlier = new Map(before.map((item) => [item.urn, item]));
  const later = new Map(after.map((item) => [item.urn, item]));
  return [
    ...before
      .filter(({ urn }) => !later.has(urn))
      .map((item) => ({ item: label(item), property: "", before: "present", after: undefined })),
    ...after.flatMap((item) => {
      const was = earlier.get(item.urn);
      if (was === undefined) return [{ item: label(item), property: "", before: undefined, after: "present" }];
      return compare(label(item), "", was as unknown as Value, item as unknown as Value);
    }),
  ];
}

function compare(item: string, property: string, before: Value | undefined, after: Value | undefined): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (before === undefined || after === undefined || !isContainer(before) || !isContainer(after)) {
    return [{ item, property, before, after }];
  }
  if (Array.isArray(before) !== Array.isArray(after)) return [{ item, property, before, after }];
  const [was, is] = [before as Record<string, Value>, after as Record<string, Value>];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return keys.flatMap((key) => compare(item, property === "" ? key : `${property}.${key}`, was[key], is[key]));
}

function isContainer(value: Value): boolean {
  return Array.isArray(value) || isObject(value);
}
