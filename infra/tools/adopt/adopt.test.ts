import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";

import { REPOSITORY } from "@backend/sst-graph/repository";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { APP } from "../../app";
import { askOn } from "../ask";
import { main } from "./cli";
import { appFile, readme } from "./files";

const ACME = {
  ...{ name: "acme-api", prefix: "Acme", region: "us-east-1", owner: "payments" },
  ...{ costCenter: "acme-api", repository: "acme-api" },
};
const OPTIONS = ["--name", "acme-api", "--prefix", "Acme", "--region", "us-east-1", "--owner", "payments"];

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), "adopt-"));
  for (const file of ["infra/app.ts", "package.json", "README.md"])
    cpSync(path.join(REPOSITORY, file), path.join(project, file));
});
afterEach(() => rmSync(project, { recursive: true }));

const contentOf = (file: string) => readFileSync(path.join(project, file), "utf8");

async function adopt(argv: string[], { fails = "", answers = [] as string[] } = {}) {
  const ran: string[] = [];
  const questions: string[] = [];
  let [out, err] = ["", ""];
  const answer = async (question: string) => {
    questions.push(question);
    return answers.shift() ?? "";
  };
  const code = await main(argv, {
    project,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    ask: answers.length === 0 ? undefined : answer,
    run(...command) {
      ran.push(command.join(" "));
      return command[0] === fails ? 1 : 0;
    },
  });
  return { code, out, err, ran, questions };
}

describe("pnpm adopt", () => {
  it("writes the names, removes the samples, synthesises, checks and says what is next", async () => {
    const { code, out, ran } = await adopt([...OPTIONS, "--remove", "audit"]);
    expect(code).toBe(0);
    expect(ran).toEqual(["run remove audit --yes --force --no-synth", "synth", "reference", "check"]);
    for (const value of Object.values(ACME)) expect(contentOf("infra/app.ts")).toContain(`: "${value}",`);
    expect(JSON.parse(contentOf("package.json")).name).toBe("acme-api");
    expect(contentOf("README.md")).toMatch(/^# acme-api\n\nOwned by payments, deployed to us-east-1\.\n\n/);
    expect(out.trimEnd().split("\n").slice(-3)).toEqual([
      expect.stringContaining("git commit"),
      expect.stringContaining("pnpm offline"),
      expect.stringContaining("pnpm new"),
    ]);
  });

  it.each<[string[], string]>([
    [["--name", "Acme API"], '--name "Acme API": expected 2 to 32 lower-case letters'],
    [["--prefix", "acme"], '--prefix "acme": expected 2 to 16 letters and digits that begin with a capital'],
    [["--region", "Ireland"], '--region "Ireland": expected a region of AWS'],
    [["--owner", "a\nb"], "expected 1 to 256 letters"],
    [["--name", "acme-api", "--region", "us-east-1"], "--prefix, --owner: expected a value, or a terminal"],
  ])("refuses %j, and writes nothing", async (argv, message) => {
    const before = contentOf("infra/app.ts");
    const { code, err, ran } = await adopt(argv);
    expect({ code, ran }).toEqual({ code: 2, ran: [] });
    expect(err).toContain(message);
    expect(contentOf("infra/app.ts")).toBe(before);
  });

  it("refuses a folder with changes that are not committed, unless it is forced", async () => {
    execFileSync("git", ["init", "-q"], { cwd: project });
    const { code, err } = await adopt(OPTIONS);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("differs from the last commit") });
    expect((await adopt([...OPTIONS, "--force"])).code).toBe(0);
  });

  it("stops at the first command that fails, and says which", async () => {
    const { code, err, ran } = await adopt(OPTIONS, { fails: "synth" });
    expect({ code, ran }).toEqual({ code: 1, ran: ["synth"] });
    expect(err).toContain("pnpm synth failed");
  });

  it("asks for what is missing until the answer is valid; an empty answer takes the proposal", async () => {
    const { code, questions } = await adopt(["--name", "acme-api"], { answers: ["acme", "", "", "payments"] });
    expect(code).toBe(0);
    expect(questions).toEqual([
      "First part of names in AWS",
      expect.stringContaining("expected 2 to 16 letters"),
      "AWS region",
      "Team to ask about the app",
    ]);
    expect(contentOf("infra/app.ts")).toContain('prefix: "AcmeApi",');
    expect(contentOf("infra/app.ts")).toContain(`region: "${APP.region}",`);
  });

  it("shows the proposal on the terminal", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const answer = askOn(input, output, "AWS region", "eu-west-3");
    input.write("\n");
    expect(await answer).toBe("");
    expect(String(output.read())).toContain("AWS region [eu-west-3]: ");
  });
});

describe("the files", () => {
  it("infra/app.ts keeps its comments, and says what it lacks", () => {
    const text = readFileSync(path.join(REPOSITORY, "infra/app.ts"), "utf8");
    const comments = (file: string) => file.split("\n").filter((line) => line.includes("/**"));
    expect(comments(appFile(text, APP, ACME))).toEqual(comments(text));
    expect(() => appFile("export const APP = {};", APP, ACME)).toThrow('infra/app.ts: expected the line "name: ');
  });

  it("README.md keeps the lab's logical names, and gives names in AWS the new prefix", () => {
    const own = { ...ACME, name: "shop", prefix: "Shop" };
    const text = "# Shop\n\nshop dev: `ANY /ShopFunction`, aws/apigateway/ShopAPI/dev, table ShopOrders-dev.\n";
    expect(readme(text, own, ACME)).toBe(
      "# acme-api\n\nOwned by payments, deployed to us-east-1.\n\n" +
        "acme-api dev: `ANY /ShopFunction`, aws/apigateway/AcmeShopAPI/dev, table AcmeOrders-dev.\n",
    );
  });

  it("come out the same the second time", async () => {
    writeFileSync(path.join(project, "README.md"), readme(contentOf("README.md"), APP, ACME));
    expect(readme(contentOf("README.md"), ACME, ACME)).toBe(contentOf("README.md"));
  });
});
