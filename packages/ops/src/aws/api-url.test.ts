import { APP, withPrefix } from "@backend/testing/recorded";
import { expect, it, vi } from "vitest";

import { ACCOUNT, awsServer, endpointOf, type FakeAccount } from "../../test/aws-server";
import { awsProject, run } from "../../test/run";

const tagsOf = (stage: string, app: string = APP.name) => ({ "sst:app": app, "sst:stage": stage });
const api = (id: string, stage: string, tags?: Record<string, string>) => ({
  id,
  name: `${withPrefix("SecureBackendAPI")}-${stage}`,
  stages: [{ stageName: stage }],
  ...(tags && { tags }),
});
const edge = (id: string, tags: Record<string, string>) => ({ id, comment: `${APP.prefix}Edge-prod`, tags });

/** Returns what `ops smoke` says first: where it looks, or why it cannot. */
async function place(stage: string, account: Partial<FakeAccount>) {
  const called = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("", { status: 401 }));
  const { url } = await awsServer(account);
  const { stderr } = await run(["smoke", "--stage", stage, "--project", awsProject(url), "--timeout", "1ms"]);
  called.mockRestore();
  return stderr.split("\n")[0];
}

// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html: a name is not unique.
it("finds the API by name and tags, with the stage behind its address", async () => {
  const apis = [api("other", "dev", tagsOf("dev", "other-app")), api("a1", "dev", tagsOf("dev")), api("a2", "ada")];
  expect(await place("dev", { apis })).toContain(`, ${endpointOf("a1")}/dev, `);
  expect(await place("ada", { apis: [api("a3", "ada", tagsOf("ada"))] })).toContain(`, ${endpointOf("a3")}/ada, `);
});

it("finds the distribution where the stage has one: the API behind it refuses callers", async () => {
  const account = {
    apis: [api("a1", "prod", tagsOf("prod"))],
    distributions: [
      { id: "E9", comment: "Console site", tags: tagsOf("prod") },
      edge("E1", tagsOf("prod")),
      edge("E2", tagsOf("prod", "other-app")),
    ],
  };
  expect(await place("prod", account)).toContain(", https://e1.cloudfront.net/prod, ");
});

it.each<[string, string, Partial<FakeAccount>, string]>([
  ["is not deployed", "dev", {}, `Stage dev is not deployed in account ${ACCOUNT}, ${APP.region}: there is no API`],
  ["has no edge yet", "prod", { apis: [api("a1", "prod", tagsOf("prod"))] }, "there is no distribution"],
  ["is of another app", "dev", { apis: [api("a1", "dev", tagsOf("dev", "x"))] }, "is of x, stage dev: give --url"],
  [
    "is there twice",
    "dev",
    { apis: [api("a1", "dev", tagsOf("dev")), api("a2", "dev", tagsOf("dev"))] },
    `2 APIs are ${withPrefix("SecureBackendAPI")}-dev of ${APP.name}, stage dev: a1, a2. Give --url of one`,
  ],
])("says so where the stage %s", async (_what, stage, account, message) => {
  expect(await place(stage, account)).toContain(message);
});
