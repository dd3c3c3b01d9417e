import { compareGraphs, type Difference, formatValue } from "./diff";
import type { Graph } from "./graph";
import { countOf } from "./screen";

/** The differences of one resource, function or the stage. */
export interface Change {
  sign: "+" | "-" | "!";
  /** Such as `route` or `metric alarm`. */
  noun: string;
  /** Such as `GET /orders` or `OrdersTable`. Empty for the stage. */
  name: string;
  /** Changed properties, such as `tags: "a" -> "b"`. Empty if the resource was added or removed. */
  details: string[];
}

/** Types of many resources that only carry a site's files or a function's code. */
const FILE_TYPES = /^aws:s3\/bucketObject/i;
const ROUTE_TYPE = "aws:apigatewayv2/route:Route";
/** Nouns that a summary names first, because users call and write them. */
const FIRST = ["route", "function", "table"];

/**
 * Returns what was added, removed or changed between two graphs. Omits components, because their
 * resources are listed themselves, and the build of an added or removed function.
 */
export function changesBetween(before: Graph, after: Graph): Change[] {
  const routeKeys = new Map<string, string>();
  for (const { type, name, inputs } of [...before.resources, ...after.resources]) {
    if (type === ROUTE_TYPE) routeKeys.set(`${type} "${name}"`, String(inputs.routeKey));
  }
  const changes = new Map<string, Change>();
  for (const difference of compareGraphs(before, after)) {
    const { item, property } = difference;
    const [, type = "", name = ""] = /^(\S+) "(.*)"$/s.exec(item) ?? [];
    const isPresence = property === "";
    if (type.startsWith("sst:") || (isPresence && type === "function")) continue;
    const sign = !isPresence ? "!" : difference.before === undefined ? "+" : "-";
    const key = `${sign}${item}`;
    const change = changes.get(key) ?? { sign, noun: nounOf(type), name: routeKeys.get(item) ?? name, details: [] };
    if (!isPresence) change.details.push(detailOf(difference));
    changes.set(key, change);
  }
  return [...changes.values()];
}

/**
 * Returns a sentence such as `+3 routes, -1 table; 2 metric alarms changed`, or `no differences`.
 */
export function summarize(changes: Change[]): string {
  const counts = new Map<string, { change: Change; count: number }>();
  for (const change of changes) {
    const key = `${change.sign}${change.noun}`;
    counts.set(key, { change, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const rank = ({ noun }: Change) => (FIRST.includes(noun) ? FIRST.indexOf(noun) : FIRST.length);
  const ordered = [...counts.values()].sort((a, b) => {
    return "+-!".indexOf(a.change.sign) - "+-!".indexOf(b.change.sign) || rank(a.change) - rank(b.change);
  });
  const listOf = (isChanged: boolean) =>
    ordered
      .filter(({ change: { sign } }) => (sign === "!") === isChanged)
      .map(({ change: { sign, noun }, count }) => nounText(isChanged ? "" : sign, count, noun))
      .join(", ");
  const [present, changed] = [listOf(false), listOf(true)];
  return [present, changed && `${changed} changed`].filter(Boolean).join("; ") || "no differences";
}

/** Returns a line for each change, with its changed properties below. Omits files of sites. */
export function changeLines(changes: Change[]): string[] {
  return changes
    .filter(({ sign, noun }) => sign === "!" || noun !== FILE)
    .flatMap(({ sign, noun, name, details }) => [
      `${sign} ${noun} ${name}`.trimEnd(),
      ...details.map((detail) => `    ${detail}`),
    ]);
}

const FILE = "file";
const SETTINGS = "settings of the stage";

function nounOf(type: string): string {
  if (type === "") return SETTINGS;
  if (FILE_TYPES.test(type)) return FILE;
  const words = (type.split(":").at(-1) ?? type).replace(/V\d+$|v\d+$/, "").replaceAll(/([a-z])([A-Z])/g, "$1 $2");
  return words === "Api" ? "API" : words.toLowerCase();
}

function nounText(sign: string, count: number, noun: string): string {
  return noun === SETTINGS ? noun : `${sign}${countOf(count, noun, pluralOf(noun))}`;
}

function pluralOf(noun: string): string {
  return noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

function detailOf({ property, before, after }: Difference): string {
  const path = property.replace(/^inputs\./, "");
  const [, list, member] = /^(.*)\.(\d+)$/.exec(path) ?? [];
  if (list !== undefined && member !== undefined && before === undefined) return `${list}: + ${shown(after)}`;
  if (list !== undefined && member !== undefined && after === undefined) return `${list}: - ${shown(before)}`;
  return `${path}: ${shown(before)} -> ${shown(after)}`;
}

const MAX_CHARACTERS_PER_VALUE = 120;

function shown(value: Difference["before"]): string {
  // A reference to a resource has the URN of the resource, which is long and ends in its name.
  const whole = formatValue(value)
    .replaceAll(/urn:pulumi:[^"#]*::([^"#:]+)#?/g, "$1.")
    .replaceAll('."', '"');
  return whole.length > MAX_CHARACTERS_PER_VALUE ? `${whole.slice(0, MAX_CHARACTERS_PER_VALUE)}...` : whole;
}
