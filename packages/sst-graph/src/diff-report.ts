import { type Difference, difference, text } from "./diff";
import type { Graph } from "./graph";

/** The graphs of one stage; undefined where the stage is not, or no longer, one of the repository's. */
export interface Pair {
  stage: string;
  before: Graph | undefined;
  after: Graph | undefined;
}

/** GitHub cuts a summary at 1 MiB: so many lines a stage, of so many characters a value, stay well below it. */
const LINES = 400;
const CHARACTERS = 120;

/** Markdown for people who review a change: what it adds to each stage, removes from it and changes in it. */
export function report(pairs: Pair[]): string {
  const stages = pairs.map((pair) => ({ stage: pair.stage, groups: groupsOf(differencesOf(pair)) }));
  const rows = stages.map(({ stage, groups }) => {
    const count = (sign: string) => groups.filter((group) => group.sign === sign).length;
    return `| ${stage} | ${count("+")} | ${count("-")} | ${count("!")} |`;
  });
  const details = stages.filter(({ groups }) => groups.length > 0).map(({ stage, groups }) => section(stage, groups));
  const head = [
    "## Deployment graph",
    "",
    "| stage | added | removed | changed |",
    "| --- | --: | --: | --: |",
    ...rows,
  ];
  return `${[head.join("\n"), ...details].join("\n\n")}\n`;
}

/** Returns the differences as JSON, by stage. An added resource has no `before`, a removed one no `after`. */
export function reportJson(pairs: Pair[]): string {
  const stages = pairs.map((pair) => ({ stage: pair.stage, differences: differencesOf(pair) }));
  return `${JSON.stringify(stages, null, 2)}\n`;
}

function differencesOf({ before, after }: Pair): Difference[] {
  return difference(before ?? without(after), after ?? without(before));
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

function section(stage: string, groups: Group[]): string {
  const lines = groups.flatMap(({ sign, item, changes }) => [
    `${sign} ${item === "" ? "the stage itself" : item}`,
    ...changes.map(({ property, before, after }) => `    ${property}: ${short(before)} -> ${short(after)}`),
  ]);
  const rest = lines.length > LINES ? [`    and ${lines.length - LINES} lines more`] : [];
  return [`### ${stage}`, "", "```diff", ...lines.slice(0, LINES), ...rest, "```"].join("\n");
}

function short(value: Difference["before"]): string {
  const whole = text(value);
  return whole.length > CHARACTERS ? `${whole.slice(0, CHARACTERS)}...` : whole;
}

/** A stage that is new, or gone, differs by its resources; what it says of itself would be noise. */
function without(graph: Graph | undefined): Graph {
  if (graph === undefined) throw new Error("expected a graph before or after, found neither");
  return { ...graph, resources: [], functions: [] };
}
