import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { lineOf, serve } from "@backend/testing/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type FixtureProject, fixtureProject } from "../../test/project";

const answering = (text: string) => ({ source: `export const handler = async () => ${JSON.stringify(text)};` });
const slow = {
  source: "export const handler = () => new Promise((r) => setTimeout(r, 100, 'slow'));",
  lambda: { reservedConcurrentExecutions: 1 },
};

describe("reserved concurrency", () => {
  let project: FixtureProject;
  let offline: Awaited<ReturnType<typeof serve>>;
  let client: LambdaClient;
  beforeAll(async () => {
    project = fixtureProject({ "GET /a": answering("a"), "GET /slow": slow });
    offline = await serve(project.folder);
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    client = new LambdaClient({ endpoint: offline.endpointUrl, region: "eu-west-1", credentials, maxAttempts: 1 });
  });
  afterAll(async () => {
    client.destroy();
    await offline.stop();
    project.remove();
  });
  const get = (target: string) => fetch(`${offline.url()}${target}`);
  const put = (FunctionName: string, ReservedConcurrentExecutions: number) =>
    client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  const concurrencyOf = async (FunctionName: string) =>
    (await client.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions;

  // Lambda returns 429: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. AWS does not
  // document what an HTTP API then returns.
  it("is a limit on what runs at once, as declared", async () => {
    const responses = await Promise.all([get("/slow"), get("/slow")]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 503]);
    const refused = responses.find(({ status }) => status === 503) as Response;
    expect(await refused.json()).toEqual({ message: "Service Unavailable" });
    expect(lineOf(offline, refused)).toMatchObject({
      status: 503,
      integrationStatus: "429",
      functionStatus: "-",
      integrationError: "TooManyRequestsException: Rate Exceeded.",
    });
    expect((await get("/slow")).status).toBe(200);
  });

  it("stops a function with 0, over a reload, until it is taken away", async () => {
    expect(await put("F0", 0)).toMatchObject({ ReservedConcurrentExecutions: 0 });
    expect((await get("/a")).status).toBe(503);
    project.write({ "GET /a": answering("a"), "GET /slow": slow, "GET /new": answering("new") });
    await expect.poll(async () => (await get("/new")).status).toBe(200);
    expect((await get("/a")).status).toBe(503);
    expect(await concurrencyOf("F0")).toBe(0);
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "F0" }));
    expect([await concurrencyOf("F0"), (await get("/a")).status]).toEqual([undefined, 200]);
  });

  it("is found by the function's ARN", async () => {
    expect(await concurrencyOf("arn:aws:lambda:eu-west-1:123456789012:function:F1")).toBe(1);
  });

  it.each([
    ["Gone", 0, "ResourceNotFoundException"],
    ["F0", -1, "InvalidParameterValueException"],
  ])("of %s cannot become %s: %s", async (name, limit, error) => {
    await expect(put(name, limit)).rejects.toMatchObject({ name: error });
  });
});
