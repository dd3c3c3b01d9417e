import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { withPrefix } from "@backend/testing/recorded";
import { expect, it } from "vitest";

import { awsServer, type FakeAccount } from "../../test/aws-server";
import { awsProject, run } from "../../test/run";

const functionOf = (name: string, stage = "dev") => `${withPrefix(name)}-${stage}`;
const BACKGROUND = ["CompactTraffic", "RollUpTraffic"].map((name) => functionOf(name));
const SERVED = [
  "ReadAccessLog",
  "ReadEvents",
  "ReadFunctionLog",
  "ReadTraffic",
  "RecordEvents",
  "SecureBackendFunction",
].map((name) => functionOf(name));
const ALL = [...BACKGROUND, ...SERVED];

async function ops(argv: string[], account: Partial<FakeAccount> = {}, stdin = "") {
  const server = await awsServer({ functions: ALL, ...account });
  const project = awsProject(server.url);
  const result = await run([...argv, "--stage", "dev", "--project", project], { stdin });
  return { ...result, reserved: server.account.reserved };
}

// A reserved concurrency of 0 stops a function:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
it("stops every function that a route leads to, and no other, once the stage's name is typed", async () => {
  const { code, reserved, stdout, stderr } = await ops(["stop"], {}, "dev\n");
  expect(code).toBe(0);
  expect(reserved).toEqual(Object.fromEntries(SERVED.map((name) => [name, 0])));
  expect(stderr).toContain("the whole API of stage dev. Type its name to confirm: ");
  expect(stdout).toContain("\nTo let it run again: pnpm ops resume --stage dev\n");
});

it.each(["", "\n", "yes\n", "prod\n"])("stops nothing for the answer %j", async (answer) => {
  expect(await ops(["stop"], {}, answer)).toMatchObject({ code: 1, reserved: {}, stdout: "" });
});

it.each([["ReadEvents"], [functionOf("ReadEvents")]])("stops %s alone, without a question", async (name) => {
  const { code, reserved, stdout } = await ops(["stop", name]);
  expect({ code, reserved }).toEqual({ code: 0, reserved: { [functionOf("ReadEvents")]: 0 } });
  expect(stdout).toMatch(new RegExp(`^stopped  ${functionOf("ReadEvents")}  no limit -> 0 at once$`, "m"));
});

it("refuses a function that the stage does not have, and names those that it has", async () => {
  const { code, stderr, reserved } = await ops(["stop", "Nothing"]);
  expect({ code, reserved }).toEqual({ code: 2, reserved: {} });
  expect(stderr).toContain("Nothing: expected a function of the stage: CompactTraffic, ReadAccessLog, ");
});

it("stops what it can, and names what it cannot", async () => {
  const { code, reserved, stdout } = await ops(["stop", "--yes", "dev"], { functions: SERVED.slice(1) });
  expect({ code, stopped: Object.keys(reserved).sort() }).toEqual({ code: 1, stopped: SERVED.slice(1).sort() });
  expect(stdout).toMatch(
    new RegExp(`^failed   ${SERVED[0]} +Function not found: ${SERVED[0]}\\. Is the stage deployed`),
  );
});

it("resumes all with what the graph declares: no limit, or its own", async () => {
  const server = await awsServer({ functions: ALL, reserved: Object.fromEntries(ALL.map((name) => [name, 0])) });
  const project = awsProject(server.url);
  const file = path.join(project, "infra/graph/dev.json");
  const graph = JSON.parse(readFileSync(file, "utf8")) as { resources: { name: string; inputs: object }[] };
  const readEvents = graph.resources.find(({ name }) => name === "ReadEventsFunction");
  Object.assign(readEvents?.inputs ?? {}, { reservedConcurrentExecutions: 5 });
  writeFileSync(file, JSON.stringify(graph));
  const { code } = await run(["resume", "--stage", "dev", "--project", project]);
  expect({ code, reserved: server.account.reserved }).toEqual({
    code: 0,
    reserved: { [functionOf("ReadEvents")]: 5 },
  });
});

it("is JSON on request", async () => {
  const { stdout } = await ops(["stop", "ReadEvents", "--json"]);
  const changes = [{ function: functionOf("ReadEvents"), after: 0 }];
  expect(JSON.parse(stdout)).toEqual({ stage: "dev", changes });
});
