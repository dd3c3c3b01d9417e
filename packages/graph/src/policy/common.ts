import type { Resource, Value } from "../graph";
import { isAsset, isObject, isReference, isSecret, splitPieces, unescapeMarker } from "../reference";
import { JUDGED } from "./judged";
import type { Rule } from "./rule";
import { expectThat, found, isProduction, unknown } from "./view";

export const COMMON_RULES: Rule[] = [
  {
    id: "promises-apply",
    severity: "high",
    title: "The promises are for the app that is deployed",
    reason: "Promises and waivers for another app's name would judge nothing, or something that nobody looks at.",
    fix: "Set app in packages/graph/src/policy/promises.ts to the name in sst.config.ts.",
    check: ({ graph, promises }) =>
      promises === undefined || promises.app === graph.app
        ? []
        : [found("stage", "app", `the app is called "${graph.app}", the promises are for "${promises.app}"`)],
  },
  {
    id: "required-tags",
    severity: "low",
    title: "Every resource is tagged with app, stage, owner, cost center and repository",
    reason: "What it costs, and whom to ask, is told by tags alone.",
    fix: "Set defaultTags of the provider to tagsOf(app, stage).",
    check: (view) => {
      const { tags, app, stage } = view.graph;
      if (tags === undefined)
        return [unknown("stage", "tags", "expected tags: the deployment engine does not tell them")];
      const expected: Record<string, string | undefined> = {
        ...Object.fromEntries((view.promises?.tags ?? []).map((name) => [name, undefined])),
        ...{ "sst:app": app, "sst:stage": stage },
        ...(view.promises !== undefined && { app, stage }),
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
    fix: "Set protect and removal in infra/stage.ts.",
    check: ({ graph: { stage, protect, removal }, stagePromises }) => {
      if (!isProduction(stage) && stagePromises?.strict !== true) return [];
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
    fix: "Write rules for it, or put it on the list in packages/graph/src/policy/judged.ts with the reason.",
    check: (view) =>
      view.graph.resources
        .filter(({ type }) => !type.startsWith("sst:") && JUDGED[type] === undefined)
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
          .filter(({ secret }) => secret)
          .map(({ path }) => found(resource, path, "looks like a secret")),
      ),
      ...Object.entries(view.graph.tags ?? {})
        .filter(([name, value]) => looksSecret(name, value))
        .map(([name]) => found("stage", `tags.${name}`, "looks like a secret")),
    ],
  },
];

const NAMED = [
  ...["aws:lambda/function:Function", "aws:iam/role:Role", "aws:dynamodb/table:Table", "aws:sqs/queue:Queue"],
  ...["aws:sns/topic:Topic", "aws:cloudwatch/logGroup:LogGroup", "aws:cloudwatch/metricAlarm:MetricAlarm"],
  "aws:scheduler/schedule:Schedule",
];

/** True where the words of a stage's name follow one another in a name: `dev` is in `orders-dev`, not in `my-devices`. */
function carriesStage(name: string, stage: string): boolean {
  const words = (text: string) => text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return ` ${words(name).join(" ")} `.includes(` ${words(stage).join(" ")} `);
}

// Shapes of AWS access keys (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html), private keys, JSON
// web tokens, tokens of GitHub and Slack, passwords in addresses, and any long text in base64.
const SHAPES = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /\b(?:gh[pousr]_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{10,})/,
  /:\/\/[^/\s:@]+:[^/\s:@]+@/,
  /(?<![A-Za-z0-9+/=_-])(?=[A-Za-z0-9+/]*[0-9])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*[a-z])[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9+/=])/,
];
/** But not of the edge's secret: that it comes from sst.Secret is asked by edge-locked, and a policy pack is shown its value. */
const SECRET_VARIABLE =
  /environment\.variables\.(?!ORIGIN_SECRETS$)\w*(SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_KEY|CREDENTIAL)\w*$/i;

function looksSecret(path: string, value: string): boolean {
  if (value.includes("${") && SHAPES.every((shape) => !shape.test(value.replaceAll(/\$\{[^}]*\}/g, " ")))) return false;
  return SHAPES.some((shape) => shape.test(value)) || (SECRET_VARIABLE.test(path) && value !== "");
}

interface Leaf {
  path: string;
  value: Value;
  refs: string[];
  /** It looks like a secret. */
  secret: boolean;
}

const known = new WeakMap<Resource, Leaf[]>();

/** Every value that is no list or object of its own; references and secrets count as one. */
function leavesOf(resource: Resource): Leaf[] {
  const leaves = known.get(resource) ?? readLeaves(resource);
  known.set(resource, leaves);
  return leaves;
}

function readLeaves({ inputs }: Resource): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (value: Value, path: string): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, `${path}.${index}`);
    else if (value !== null && isObject(value) && !isReference(value) && !isSecret(value) && !isAsset(value))
      for (const [key, item] of Object.entries(unescapeMarker(value)))
        visit(item, path === "" ? key : `${path}.${key}`);
    else
      leaves.push({ path, value, refs: refsOf(value), secret: typeof value === "string" && looksSecret(path, value) });
  };
  visit(inputs, "");
  return leaves;
}

function refsOf(value: Value): string[] {
  if (typeof value === "string") {
    return value.includes("${urn:") ? splitPieces(value).flatMap((piece) => ("ref" in piece ? [piece.ref] : [])) : [];
  }
  return value !== null && isObject(value) && isReference(value) ? [value.ref] : [];
}
