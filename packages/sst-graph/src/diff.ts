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
  if (Array.isArray(before) && Array.isArray(after)) return compareMembers(item, property, before, after);
  if (Array.isArray(before) || Array.isArray(after)) return [{ item, property, before, after }];
  const [was, is] = [before as Record<string, Value>, after as Record<string, Value>];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return keys.flatMap((key) => compare(item, property === "" ? key : `${property}.${key}`, was[key], is[key]));
}

/**
 * Compares lists by their members, so that an inserted member is one difference and does not change
 * all members after it. Compares members in pairs if the lists have the same number of new and
 * missing ones.
 */
function compareMembers(item: string, property: string, before: Value[], after: Value[]): Difference[] {
  const gone = withoutMembersOf(before, after);
  const added = withoutMembersOf(after, before);
  if (gone.length === 0 && added.length === 0) return [{ item, property, before, after }]; // another order
  if (gone.length === added.length) {
    return added.flatMap(([index, value], position) => {
      return compare(item, `${property}.${index}`, gone[position]?.[1], value);
    });
  }
  return [
    ...gone.map(([index, value]) => ({ item, property: `${property}.${index}`, before: value, after: undefined })),
    ...added.map(([index, value]) => ({ item, property: `${property}.${index}`, before: undefined, after: value })),
  ];
}

/**
 * Returns the members of a list that another list lacks, with their indexes. Counts equal members.
 */
function withoutMembersOf(list: Value[], other: Value[]): [index: number, value: Value][] {
  const counts = new Map<string, number>();
  for (const value of other) counts.set(JSON.stringify(value), (counts.get(JSON.stringify(value)) ?? 0) + 1);
  return [...list.entries()].filter(([, value]) => {
    const count = counts.get(JSON.stringify(value)) ?? 0;
    counts.set(JSON.stringify(value), count - 1);
    return count <= 0;
  });
}

function isContainer(value: Value): boolean {
  return Array.isArray(value) || isObject(value);
}
