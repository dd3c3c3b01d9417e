import { compareGraphs, type Difference } from "./diff";
import { type Change, changeLines, changesBetween, summarize } from "./diff-summary";
import type { Graph } from "./graph";
import { printable } from "./printable";
import { fit, type Paint, wrap } from "./screen";

/** The graphs of one stage. A graph is undefined if the stage does not exist before or after. */
export interface Pair {
  stage: string;
  before: Graph | undefined;
  after: Graph | undefined;
}

// GitHub limits a job summary to 1 MiB:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
const MAX_LINES_PER_STAGE = 400;

/** Returns the added, removed and changed resources of each stage as Markdown. */
export function reportMarkdown(pairs: Pair[]): string {
  const stages = changedStages(pairs);
  const head = [
    "## Deployment graph",
    "",
    ...stages.map(({ stage, changes }) => `- **${stage}**: ${summarize(changes)}`),
  ];
  const details = stages
    .filter(({ changes }) => changes.length > 0)
    .map(({ stage, changes }) => [`### ${stage}`, "", "```diff", ...limitLines(changes), "```"].join("\n"));
  return `${[head.join("\n"), ...details].join("\n\n")}\n`;
}

/** Returns the same report for a terminal, with lines of at most `width` characters. */
export function reportText(pairs: Pair[], { width, paint }: { width: number; paint: Paint }): string {
  const stages = changedStages(pairs);
  const label = Math.max(...stages.map(({ stage }) => stage.length), 0) + 2;
  const colours = { "+": paint.green, "-": paint.red, "!": paint.yellow } as const;
  const colourOf = (line: string) => colours[line[0] as keyof typeof colours] ?? paint.dim;
  const head = stages.map(({ stage, changes }) => {
    const sentence = wrap(summarize(changes), width - label).join(`\n${" ".repeat(label)}`);
    return `${paint.bold(stage.padEnd(label))}${sentence}`;
  });
  const details = stages
    .filter(({ changes }) => changes.length > 0)
    .map(({ stage, changes }) => {
      const lines = limitLines(changes).map((line) => colourOf(line)(fit(printable(line), width)));
      return [paint.bold(stage), ...lines].join("\n");
    });
  return `${[head.join("\n"), ...details].join("\n\n")}\n`;
}

function changedStages(pairs: Pair[]): { stage: string; changes: Change[] }[] {
  return pairs.map(({ stage, before, after }) => {
    return { stage, changes: changesBetween(before ?? emptyLike(after), after ?? emptyLike(before)) };
  });
}

function limitLines(changes: Change[]): string[] {
  const lines = changeLines(changes);
  const omitted = lines.length - MAX_LINES_PER_STAGE;
  const rest = omitted > 0 ? [`    and ${omitted} more line${omitted === 1 ? "" : "s"}`] : [];
  return [...lines.slice(0, MAX_LINES_PER_STAGE), ...rest];
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

/**
 * Returns the graph without resources, so that a new or removed stage differs only by its
 * resources.
 */
function emptyLike(graph: Graph | undefined): Graph {
  if (graph === undefined) throw new Error("expected a graph before or after, found neither");
  return { ...graph, resources: [], functions: [] };
}
