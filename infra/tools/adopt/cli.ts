import { type Command, type CommandStreams, runCommand } from "@backend/sst-graph/command-line";
import { UsageError } from "@backend/sst-graph/usage-error";

import { APP } from "../../app";
import { APP_RULES, type AppNames } from "../../components/check-app";
import { refuseUncommitted } from "../uncommitted";
import { writeNames } from "./files";
import { checkName, type NameKey, prefixOf, QUESTIONS } from "./names";

const COMMAND = {
  name: "pnpm adopt",
  about: "Makes this repository your own app: gives it your names, and removes samples.",
  usage: [
    "--name NAME --prefix PREFIX --region REGION --owner OWNER [options]",
    "   (on a terminal, asks for the names that are not given)",
  ],
  details: `Writes infra/app.ts, package.json and the first lines of README.md, removes the samples, writes the
deployment graphs and docs/reference, and runs "pnpm check". Commit the result, or undo it with
"git restore . && git clean -fd".`,
  options: {
    name: { type: "string", value: "NAME", about: `name of the app: ${APP_RULES.name.expected}` },
    prefix: { type: "string", value: "PREFIX", about: `begins names in AWS: ${APP_RULES.prefix.expected}` },
    region: { type: "string", value: "REGION", about: APP_RULES.region.expected },
    owner: { type: "string", value: "OWNER", about: "team to ask about the app, as a tag" },
    "cost-center": { type: "string", value: "TEXT", about: "a tag (default: the app's name)" },
    repository: { type: "string", value: "TEXT", about: "a tag, such as acme/acme-api (default: the app's name)" },
    remove: {
      type: "string",
      multiple: true,
      value: "SAMPLE",
      about: "removes a sample, such as audit; may be repeated",
    },
    force: { type: "boolean", default: false, about: "continues although files differ from the last commit" },
  },
} as const satisfies Command;

export interface AdoptEnvironment extends CommandStreams {
  project: string;
  /** Asks on the terminal. Absent where there is none. */
  ask?: ((question: string, proposal: string) => Promise<string>) | undefined;
  /**
   * Runs one of the repository's commands with its output on the terminal. Returns the exit code.
   */
  run: (...command: string[]) => number;
}

/** Returns the exit code: 0, 1 if a step failed, 2 for wrong usage. */
export function main(argv: string[], environment: AdoptEnvironment): Promise<number> {
  return runCommand(COMMAND, argv, environment, async (values) => {
    const { project, stdout, run } = environment;
    const given: Partial<AppNames> = {};
    for (const key of Object.keys(QUESTIONS) as NameKey[]) {
      const value = key === "costCenter" ? values["cost-center"] : values[key];
      if (value !== undefined) given[key] = checkName(key, value);
    }
    if (!values.force) refuseUncommitted(project);
    const names = await complete(given, environment.ask);

    const changed = writeNames(project, APP, names);
    stdout.write(`${changed.map((file) => `${file}: written\n`).join("")}`);
    const samples = (values.remove ?? []).map((sample) => ["run", "remove", sample, "--yes", "--force", "--no-synth"]);
    for (const command of [...samples, ["synth"], ["reference"], ["check"]]) {
      const begin = performance.now();
      const code = run(...command);
      const seconds = ((performance.now() - begin) / 1000).toFixed(0);
      if (code !== 0)
        throw new Error(
          `pnpm ${command.join(" ")} failed: see above. The names are written: fix the cause and continue from there.`,
        );
      stdout.write(`pnpm ${command.join(" ")}: done in ${seconds} s\n`);
    }
    stdout.write(`\n${names.name} is yours. Next:\n\n${NEXT}`);
    return 0;
  });
}

const NEXT = `  git add -A && git commit -m "Adopt the backend"
  pnpm offline                                              # runs it on this machine
  pnpm new orders --fields customer:string,total:number     # your first noun
`;

/**
 * Fills in what is not given: by questions, or by defaults. Throws a UsageError for what is
 * missing.
 */
async function complete(given: Partial<AppNames>, ask: AdoptEnvironment["ask"]): Promise<AppNames> {
  const required: NameKey[] = ["name", "prefix", "region", "owner"];
  const missing = required.filter((key) => given[key] === undefined);
  if (missing.length > 0 && ask === undefined) {
    const options = missing.map((key) => QUESTIONS[key].option).join(", ");
    throw new UsageError(`${options}: expected a value, or a terminal to ask on`);
  }
  const names = { ...given };
  for (const key of missing) names[key] = await answered(key, proposalOf(key, names), ask as NonNullable<typeof ask>);
  const { name = "", prefix = "", region = "", owner = "", costCenter = name, repository = name } = names;
  return { name, prefix, region, owner, costCenter, repository };
}

function proposalOf(key: NameKey, { name = "" }: Partial<AppNames>): string {
  return { name: "", prefix: prefixOf(name), region: APP.region, owner: "", costCenter: name, repository: name }[key];
}

/** Asks again until the answer is valid. */
async function answered(key: NameKey, proposal: string, ask: NonNullable<AdoptEnvironment["ask"]>): Promise<string> {
  const { question } = QUESTIONS[key];
  const { pattern, expected } = APP_RULES[key];
  for (let hint = ""; ; hint = ` (expected ${expected})`) {
    const answer = (await ask(`${question}${hint}`, proposal)).trim() || proposal;
    if (pattern.test(answer)) return answer;
  }
}
