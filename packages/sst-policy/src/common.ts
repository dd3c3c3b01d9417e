import { descriptionOf } from "./described";
import { leavesOf, looksSecret } from "./leaves";
import type { Rule } from "./rule";
import { expectThat, flag, flagUnknown, isProduction, type View } from "./view";

export const COMMON_RULES: Rule[] = [
  {
    id: "required-tags",
    severity: "low",
    title: "Every resource has SST's tags and the tags that the project requires",
    reason: "Only the tags show what a resource costs and who is responsible for it.",
    fix: "Set these tags in the AWS provider's defaultTags.",
    check: (view) => {
      const { tags, app, stage } = view.graph;
      if (tags === undefined)
        return [flagUnknown("stage", "tags", "expected tags, which the deployment engine does not show")];
      const expected: Record<string, string | undefined> = {
        ...{ "sst:app": app, "sst:stage": stage },
        ...Object.fromEntries((view.promises.tags ?? []).map((name) => [name, { app, stage }[name]])),
      };
      return Object.entries(expected)
        .filter(([name, value]) => (value === undefined ? !/\w/.test(tags[name] ?? "") : tags[name] !== value))
        .map(([name, value]) =>
          flag("stage", `tags.${name}`, value === undefined ? "expected a value" : `expected "${value}"`),
        );
    },
  },
  {
    id: "name-carries-stage",
    severity: "medium",
    title: "Names that must be unique in an account contain the stage",
    reason:
      "Stages can share an account. The second stage to use a name fails halfway, or writes to the first " +
      "stage's log.",
    fix: "End the name with $app.stage, or let SST choose it.",
    check: (view) =>
      view.all(...NAMED).flatMap((resource) => {
        const seen = view.read(resource, "name");
        if (seen.is === "absent") return []; // Pulumi generates a name
        return expectThat(
          view,
          resource,
          "name",
          (name) => carriesStage(String(name), view.graph.stage),
          `expected "${view.graph.stage}" as a word in the name`,
        );
      }),
  },
  {
    id: "stage-protected",
    severity: "high",
    title: "prod is protected against removal, and keeps its tables and buckets if it is removed",
    reason: "`sst remove --stage prod` differs from `sst remove --stage dev` in only one word.",
    fix: "Set protect and removal in app() of sst.config.ts.",
    check: ({ graph: { stage, protect, removal } }) => {
      if (!isProduction(stage)) return [];
      if (protect === undefined || removal === undefined)
        return [
          flagUnknown("stage", "protect", "expected protect and retain, which the deployment engine does not show"),
        ];
      return [
        ...(protect ? [] : [flag("stage", "protect", "expected protect")]),
        ...(["retain", "retain-all"].includes(removal) ? [] : [flag("stage", "removal", "expected retain")]),
      ];
    },
  },
  {
    id: "reference-resolves",
    severity: "medium",
    title: "Every reference is to a resource of the deployment",
    reason: "The rules cannot check a resource that is not in the graph.",
    fix: "Run `pnpm synth` again, or declare the resource.",
    check: (view) =>
      view.graph.resources.flatMap((resource) => [
        ...leavesOf(resource).flatMap(({ path, refs }) =>
          refs
            .filter((ref) => view.get(ref.slice(0, ref.lastIndexOf("#"))) === undefined)
            .map((ref) => flagUnknown(resource, path, `refers to ${ref}, which is not in the graph`)),
        ),
        ...(resource.dependsOn ?? [])
          .filter((urn) => view.get(urn) === undefined)
          .map((urn) => flagUnknown(resource, "@dependsOn", `depends on ${urn}, which is not in the graph`)),
      ]),
  },
  {
    id: "type-judged",
    severity: "low",
    title: "The policy has a description of every resource type",
    reason: "A type that the policy does not know would pass with any configuration.",
    fix:
      "Write rules for the type, or describe it in packages/sst-policy/src/resources with the reason why it " +
      "needs none.",
    check: (view) =>
      view.graph.resources
        .filter(({ type }) => !type.startsWith("sst:") && descriptionOf(type) === undefined)
        .map((resource) => flag(resource, "@type", `no rule checks ${resource.type}`)),
  },
  {
    id: "no-secret-value",
    severity: "critical",
    title: "No value in the deployment looks like a secret",
    reason: "Everyone who may describe the resource can read its template, tags and variables.",
    fix: "Use sst.Secret, and remove the value from Git's history.",
    mapping: ["CKV_AWS_45"],
    certain: true,
    check: (view) => [
      ...view.graph.resources.flatMap((resource) =>
        leavesOf(resource)
          .filter(({ secret, path }) => secret && !isEdgeSecret(view, path))
          .map(({ path }) => flag(resource, path, "looks like a secret")),
      ),
      ...Object.entries(view.graph.tags ?? {})
        .filter(([name, value]) => looksSecret(name, value))
        .map(([name]) => flag("stage", `tags.${name}`, "looks like a secret")),
    ],
  },
];

/** A policy pack sees the edge's secret as text. The rule `edge-locked` checks this variable. */
function isEdgeSecret({ promises }: View, path: string): boolean {
  return promises.edge !== undefined && path === `environment.variables.${promises.edge.variable}`;
}

const NAMED = [
  ...["aws:lambda/function:Function", "aws:iam/role:Role", "aws:dynamodb/table:Table", "aws:sqs/queue:Queue"],
  ...["aws:sns/topic:Topic", "aws:cloudwatch/logGroup:LogGroup", "aws:cloudwatch/metricAlarm:MetricAlarm"],
  "aws:scheduler/schedule:Schedule",
];

/**
 * True if a name contains the words of the stage's name: `dev` is in `orders-dev`, but not in
 * `my-devices`.
 */
function carriesStage(name: string, stage: string): boolean {
  const words = (text: string) => text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return ` ${words(name).join(" ")} `.includes(` ${words(stage).join(" ")} `);
}
