import type { Resource } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { entriesOf, flag, inputListOf, inputOf, textOf } from "./view";

const COMMANDS = ["command:local:Command", "command:local:run", "command:remote:Command"];
const STEPS = ["create", "update", "delete"];
/**
 * A tool or script by name, with plain arguments. A version is not allowed, because a package
 * runner would download it. Options before the name, such as `--yes`, and shell syntax are not
 * allowed.
 */
const RUNS_INSTALLED = /^(?:npx|(?:npm|pnpm|yarn|bun) run) [a-z][\w:-]*(?: [\w./:=-]+)*$/;
/** SST's own dynamic providers have names such as `<name>.sst.aws.<class>`. */
const STEP_OF_SST = /\.sst\.aws\.[A-Za-z]+$/;

export const DEPLOY_RULES: Rule[] = [
  {
    id: "commands-installed",
    severity: "critical",
    title: "A deployment runs only builds of SST's components, with tools that the project has installed",
    reason: "A command runs on the machine that deploys, with the deployment's credentials.",
    fix: "Remove the command, or build with `npx <tool>` or a script of package.json.",
    check: (view) => view.all(...COMMANDS).flatMap((command) => commandFindings(command)),
  },
  {
    id: "deploy-code-of-sst",
    severity: "high",
    title: "A deployment runs only dynamic resources of SST",
    reason: "A dynamic resource runs code with the deployment's credentials, and no graph shows this code.",
    fix: "Declare an AWS resource, or move the step into the build.",
    check: (view) =>
      view
        .all("pulumi-nodejs:dynamic:Resource")
        .filter((step) => !isPartOfSst(step) || !STEP_OF_SST.test(step.name))
        .map((step) => flag(step, "@type", "expected a dynamic resource of an SST component")),
  },
];

function commandFindings(command: Resource): Finding[] {
  const steps = STEPS.filter((step) => inputOf(command, step) !== undefined);
  const folder = textOf(inputOf(command, "dir"));
  return [
    ...steps
      .filter((step) => !isPartOfSst(command) || !RUNS_INSTALLED.test(textOf(inputOf(command, step)) ?? ""))
      .map((step) => flag(command, step, "expected a build of an SST component with an installed tool")),
    ...(folder === undefined || isWithinProject(folder)
      ? []
      : [flag(command, "dir", "expected a folder of the project")]),
    ...["interpreter", "archivePaths"].flatMap((path) =>
      inputListOf(command, path).length === 0 ? [] : [flag(command, path, "expected none")],
    ),
    ...entriesOf(inputOf(command, "environment"))
      .filter(([name]) => !/^(VITE|PUBLIC|SST)_/.test(name))
      .map(([name]) =>
        flag(command, `environment.${name}`, "expected no such variable: it could change what the command runs"),
      ),
  ];
}

/**
 * A URN contains the types of the parent components: `sst:aws:StaticSite$command:local:Command`.
 */
function isPartOfSst({ urn }: Resource): boolean {
  const types = urn.split("::")[2]?.split("$") ?? [];
  return types.slice(0, -1).some((type) => type.startsWith("sst:aws:"));
}

function isWithinProject(folder: string): boolean {
  return !folder.startsWith("/") && !folder.split("/").includes("..");
}
