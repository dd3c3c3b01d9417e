import { compareGraphs, type Difference, formatValue } from "./diff";
import type { Graph } from "./graph";

/** The graphs of one stage. A graph is undefined if the stage does not exist before or after. */
export interface Pair {
  stage: string;
  before: Graph | undefined;
  after: Graph | undefined;
}

// GitHub limits a job summary to 1 MiB:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
const MAX_LINES_PER_STAGE = 400;
const MAX_CHARACTERS_PER_VALUE = 120;

/** Returns the added, removed and changed resources of each stage as Markdown. */
export function reportMarkdown(pairs: Pair[]): string {
  const stages = pairs.map((pair) => ({ stage: pair.stage, groups: groupsOf(differencesOf(pair)) }));
  const rows = stages.map(({ stage, groups }) => {
    const count = (sign: string) => groups.filter((group) => group.sign === sign).length;
    return `| ${stage} | ${count("+")} | ${count("-")} | ${count("!")} |`;
  });
  const details = stages
    .filter(({ groups }) => groups.length > 0)
    .map(({ stage, groups }) => formatSection(stage, groups));
  const head = [
    "## Deployment graph",
    "",
    "| stage | added | removed | changed |",
    "| --- | --: | --: | --: |",
    ...rows,
  ];
  return `${[head.join("\n"), ...details].join("\n\n")}\n`;
}

/**
 * Returns the differences as JSON, by stage. An added resource has no `before`, a removed resource
 * has no `after`.
 */
export function reportJson(pairs: Pair[]): string {
  const stages = pairs.map((pair) => ({ stage: pair.stage, differences: differencesOf(pair) }));
  return `${JSON.stringify(stages, null, 2)}\n`;
}

function differencesOf({ before, after }: Pair): Difference[] {
  return compareGraphs(before ?? emptyLike(after), after ?? emptyLike(before));
}

interface Group {
  sign: "+" | "-" | "!";
  item: string;
  changes: Difference[];
}

function groupsOf(differences: Difference[]): Group[] {
  const groups = new Map<string, Group>();
  for (const change of differences) {
    const { item, property, before } = change;
    const sign = property !== "" ? "!" : before === undefined ? "+" : "-";
    const group = groups.get(`${sign}${item}`) ?? { sign, item, changes: [] };
    if (property !== "") group.changes.push(change);
    groups.set(`${sign}${item}`, group);
  }
  return [...groups.values()];
}

function formatSection(stage: string, groups: Group[]): string {
  const lines = groups.flatMap(({ sign, item, changes }) => [
    `${sign} ${item === "" ? "settings of the stage" : item}`,
    ...changes.map(({ property, before, after }) => `    ${property}: ${truncate(before)} -> ${truncate(after)}`),
  ]);
  const omitted = lines.length - MAX_LINES_PER_STAGE;
  const rest = omitted > 0 ? [`    and ${omitted} more line${omitted === 1 ? "" : "s"}`] : [];
  return [`### ${stage}`, "", "```diff", ...lines.slice(0, MAX_LINES_PER_STAGE), ...rest, "```"].join("\n");
}

function truncate(value: Difference["before"]): string {
  const whole = formatValue(value);
  return whole.length > MAX_CHARACTERS_PER_VALUE ? `${whole.slice(0, MAX_CHARACTERS_PER_VALUE)}...` : whole;
}

/**
 * Returns the graph without resources, so that a new or removed stage differs only by its
 * resources.
 */
function emptyLike(graph: Graph | undefined): Graph {
  if (graph === undefined) throw new Error("expected a graph before or after, found neither");
  return { ...graph, resources: [], functions: [] };
}
