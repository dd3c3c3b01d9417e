import type { Resource } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { entriesOf, found, raw, rawList, written } from "./view";

const COMMANDS = ["command:local:Command", "command:local:run", "command:remote:Command"];
const STEPS = ["create", "update", "delete"];
/**
 * A tool or script by its name, and plain arguments: no version, which a package runner would load, no option before
 * the name, such as `--yes`, and nothing that a shell reads.
 */
const RUNS_INSTALLED = /^(?:npx|(?:npm|pnpm|yarn|bun) run) [a-z][\w:-]*(?: [\w./:=-]+)*$/;
/** Providers that SST brings along are called `<name>.sst.aws.<class>`. */
const STEP_OF_SST = /\.sst\.aws\.[A-Za-z]+$/;

export const DEPLOY_RULES: Rule[] = [
  {
    id: "commands-installed",
    severity: "critical",
    title: "The only commands of a deployment are builds of SST's components, by a tool that the project has installed",
    reason: "A command runs on the machine that deploys, with the credentials of the deployment.",
    fix: "Take the command out, or build with `npx <tool>` or a script of package.json.",
    check: (view) => view.all(...COMMANDS).flatMap((command) => commandFindings(command)),
  },
  {
    id: "deploy-code-of-sst",
    severity: "high",
    title: "Code that a deployment runs by itself is SST's",
    reason: "A dynamic resource is a program of the deployment's, with its credentials, that no graph shows.",
    fix: "Declare a resource of AWS's, or move the step into the build.",
    check: (view) =>
      view
        .all("pulumi-nodejs:dynamic:Resource")
        .filter((step) => !isPartOfSst(step) || !STEP_OF_SST.test(step.name))
        .map((step) => found(step, "@type", "expected a step of one of SST's components")),
  },
];

function commandFindings(command: Resource): Finding[] {
  const steps = STEPS.filter((step) => raw(command, step) !== undefined);
  const folder = written(raw(command, "dir"));
  return [
    ...steps
      .filter((step) => !isPartOfSst(command) || !RUNS_INSTALLED.test(written(raw(command, step)) ?? ""))
      .map((step) => found(command, step, "expected a build of one of SST's components, by an installed tool")),
    ...(folder === undefined || isWithinProject(folder)
      ? []
      : [found(command, "dir", "expected a folder of the project")]),
    ...["interpreter", "archivePaths"].flatMap((path) =>
      rawList(command, path).length === 0 ? [] : [found(command, path, "expected none")],
    ),
    ...entriesOf(raw(command, "environment"))
      .filter(([name]) => !/^(VITE|PUBLIC|SST)_/.test(name))
      .map(([name]) => found(command, `environment.${name}`, "a variable may change what the command runs")),
  ];
}

/** A URN names the types of the components around a resource: `sst:aws:StaticSite$command:local:Command`. */
function isPartOfSst({ urn }: Resource): boolean {
  const types = urn.split("::")[2]?.split("$") ?? [];
  return types.slice(0, -1).some((type) => type.startsWith("sst:aws:"));
}

function isWithinProject(folder: string): boolean {
  return !folder.startsWith("/") && !folder.split("/").includes("..");
}
