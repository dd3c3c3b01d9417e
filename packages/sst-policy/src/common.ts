import { descriptionOf } from "./described";
import { leavesOf, looksSecret } from "./leaves";
import type { Rule } from "./rule";
import { expectThat, found, isProduction, unknown, type View } from "./view";

export const COMMON_RULES: Rule[] = [
  {
    id: "required-tags",
    severity: "low",
    title: "Every resource has SST's tags and those that the project requires",
    reason: "What it costs, and whom to ask, is told by tags alone.",
    fix: "Set these tags in defaultTags of the AWS provider.",
    check: (view) => {
      const { tags, app, stage } = view.graph;
      if (tags === undefined)
        return [unknown("stage", "tags", "expected tags: the deployment engine does not tell them")];
      const expected: Record<string, string | undefined> = {
        ...{ "sst:app": app, "sst:stage": stage },
        ...Object.fromEntries((view.promises.tags ?? []).map((name) => [name, { app, stage }[name]])),
      };
      return Object.entries(expected)
        .filter(([name, value]) => (value === undefined ? !/\w/.test(tags[name] ?? "") : tags[name] !== value))
        .map(([name, value]) =>
          found("stage", `tags.${name}`, value === undefined ? "expected a value" : `expected "${value}"`),
        );
    },
  },
  {
    id: "name-carries-stage",
    severity: "medium",
    title: "A name that is unique in an account carries the stage",
    reason:
      "Stages share an account: the second one to take the name fails half way, or writes to the first one's log.",
    fix: "End the name in $app.stage, or leave it to SST.",
    check: (view) =>
      view.all(...NAMED).flatMap((resource) => {
        const seen = view.read(resource, "name");
        if (seen.is === "absent") return []; // Pulumi makes one up
        return expectThat(
          view,
          resource,
          "name",
          (name) => carriesStage(String(name), view.graph.stage),
          `expected "${view.graph.stage}" as a word of it`,
        );
      }),
  },
  {
    id: "stage-protected",
    severity: "high",
    title: "prod cannot be removed by mistake, and keeps its tables and buckets if it is",
    reason: "`sst remove --stage prod` is one word away from `sst remove --stage dev`.",
    fix: "Set protect and removal in app() of sst.config.ts.",
    check: ({ graph: { stage, protect, removal } }) => {
      if (!isProduction(stage)) return [];
      if (protect === undefined || removal === undefined)
        return [unknown("stage", "protect", "expected protect and retain: the deployment engine does not tell")];
      return [
        ...(protect ? [] : [found("stage", "protect", "expected protect")]),
        ...(["retain", "retain-all"].includes(removal) ? [] : [found("stage", "removal", "expected retain")]),
      ];
    },
  },
  {
    id: "reference-resolves",
    severity: "medium",
    title: "What a resource refers to is part of the deployment",
    reason: "What is not there cannot be judged.",
    fix: "Run `pnpm synth` again, or declare the resource.",
    check: (view) =>
      view.graph.resources.flatMap((resource) => [
        ...leavesOf(resource).flatMap(({ path, refs }) =>
          refs
            .filter((ref) => view.get(ref.slice(0, ref.lastIndexOf("#"))) === undefined)
            .map((ref) => unknown(resource, path, `refers to ${ref}, which is not in the graph`)),
        ),
        ...(resource.dependsOn ?? [])
          .filter((urn) => view.get(urn) === undefined)
          .map((urn) => unknown(resource, "@dependsOn", `depends on ${urn}, which is not in the graph`)),
      ]),
  },
  {
    id: "type-judged",
    severity: "low",
    title: "Every type of resource is one that somebody has thought about",
    reason: "A type without rules would pass whatever it is.",
    fix: "Write rules for it, or describe it in packages/sst-policy/src/resources with the reason why it needs none.",
    check: (view) =>
      view.graph.resources
        .filter(({ type }) => !type.startsWith("sst:") && descriptionOf(type) === undefined)
        .map((resource) => found(resource, "@type", `no rule judges ${resource.type}`)),
  },
  {
    id: "no-secret-value",
    severity: "critical",
    title: "No value in the deployment looks like a secret",
    reason: "What stands in a template, a tag or a variable is read by everyone who may describe the resource.",
    fix: "Use sst.Secret, and take the value out of Git's history.",
    mapping: ["CKV_AWS_45"],
    certain: true,
    check: (view) => [
      ...view.graph.resources.flatMap((resource) =>
        leavesOf(resource)
          .filter(({ secret, path }) => secret && !isEdgeSecret(view, path))
          .map(({ path }) => found(resource, path, "looks like a secret")),
      ),
      ...Object.entries(view.graph.tags ?? {})
        .filter(([name, value]) => looksSecret(name, value))
        .map(([name]) => found("stage", `tags.${name}`, "looks like a secret")),
    ],
  },
];

/** A policy pack is shown the edge's secret. That it comes from sst.Secret is the concern of `edge-locked`. */
function isEdgeSecret({ promises }: View, path: string): boolean {
  return promises.edge !== undefined && path === `environment.variables.${promises.edge.variable}`;
}

const NAMED = [
  ...["aws:lambda/function:Function", "aws:iam/role:Role", "aws:dynamodb/table:Table", "aws:sqs/queue:Queue"],
  ...["aws:sns/topic:Topic", "aws:cloudwatch/logGroup:LogGroup", "aws:cloudwatch/metricAlarm:MetricAlarm"],
  "aws:scheduler/schedule:Schedule",
];

/**
 * True where the words of a stage's name follow one another in a name: `dev` is in `orders-dev`,
 * not in `my-devices`.
 */
function carriesStage(name: string, stage: string): boolean {
  const words = (text: string) => text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return ` ${words(name).join(" ")} `.includes(` ${words(stage).join(" ")} `);
}
