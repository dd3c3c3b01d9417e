import type { Graph, Value } from "./graph";
import { isObject } from "./reference";

export interface Difference {
  /** Which property, in words: `aws:apigatewayv2/stage:Stage "ApiStage": inputs.defaultRouteSettings.throttlingRateLimit`. */
  where: string;
  before: Value | undefined;
  after: Value | undefined;
}

/** Every property in which two graphs differ, in the order of the second; a resource that is in one alone counts as one. */
export function difference(before: Graph, after: Graph): Difference[] {
  const { resources: _before, functions: functionsBefore, ...headBefore } = before;
  const { resources: _after, functions: functionsAfter, ...headAfter } = after;
  return [
    ...compare("", headBefore as unknown as Value, headAfter as unknown as Value),
    ...compareAll(before.resources, after.resources, ({ type, name }) => `${type} "${name}"`),
    ...compareAll(functionsBefore, functionsAfter, ({ name }) => `function "${name}"`),
  ];
}

export function describe({ where, before, after }: Difference): string {
  return `${where}: ${text(before)} -> ${text(after)}`;
}

function compareAll<T extends { urn: string }>(before: T[], after: T[], label: (item: T) => string): Difference[] {
  const earlier = new Map(before.map((item) => [item.urn, item]));
  const later = new Map(after.map((item) => [item.urn, item]));
  return [
    ...before
      .filter(({ urn }) => !later.has(urn))
      .map((item) => ({ where: label(item), before: "present", after: undefined })),
    ...after.flatMap((item) => {
      const was = earlier.get(item.urn);
      if (was === undefined) return [{ where: label(item), before: undefined, after: "present" }];
      return compare(`${label(item)}: `, was as unknown as Value, item as unknown as Value);
    }),
  ];
}

function compare(where: string, before: Value | undefined, after: Value | undefined): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (before === undefined || after === undefined || !isContainer(before) || !isContainer(after)) {
    return [{ where, before, after }];
  }
  if (Array.isArray(before) !== Array.isArray(after)) return [{ where, before, after }];
  const [was, is] = [before as Record<string, Value>, after as Record<string, Value>];
  const separator = where === "" || where.endsWith(": ") ? "" : ".";
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return keys.flatMap((key) => compare(`${where}${separator}${key}`, was[key], is[key]));
}

function isContainer(value: Value): boolean {
  return Array.isArray(value) || isObject(value);
}

function text(value: Value | undefined): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
