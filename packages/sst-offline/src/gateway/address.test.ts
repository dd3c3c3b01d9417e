import { describe, expect, it } from "vitest";

import { requestOf } from "../../test/outcome";
import { type ApiAddresses, basePathOf, compileAddresses, pathInStage } from "./address";

// The stage is the first segment of the path; `$default` has no segment.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
it.each([
  ["dev", "/dev/a/b", "/a/b"],
  ["dev", "/dev/", "/"],
  ["dev", "/dev", "/"],
  ["dev", "/develop/a", undefined],
  ["dev", "/Dev/a", undefined],
  ["dev", "/a/dev", undefined],
  ["dev", "/", undefined],
  ["$default", "/dev/a", "/dev/a"],
  ["$default", "/", "/"],
])("in stage %s, the path %s is %s inside the stage", (stage, path, expected) => {
  expect(pathInStage(stage, path)).toBe(expected);
});

const EXECUTE_API = "aaaaaaaaaa.execute-api.eu-west-1.amazonaws.com";
const DOMAIN = "api.example.com";

function addressesOf(stage: string, changes: Partial<ApiAddresses> = {}): ApiAddresses {
  return { stage, executeApiHost: EXECUTE_API, isExecuteApiDisabled: false, mappings: [], ...changes };
}
const mapped = (stage: string, ...keys: string[]) =>
  addressesOf(stage, { mappings: keys.map((key) => ({ domainName: DOMAIN, key })) });
const send = (path: string, host = "127.0.0.1:3000") => requestOf({ path, rawHeaders: ["Host", host] });

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
// `rawPath` keeps the stage and drops the key: CodeGenieApp/serverless-express#465.
describe("a request", () => {
  it.each<[string, ApiAddresses, string, string | undefined, string | undefined]>([
    ["the execute-api host with a named stage", addressesOf("dev"), "/dev/items", "/items", "/dev/items"],
    ["the execute-api host without a stage", addressesOf("dev"), "/items", undefined, undefined],
    ["a domain of the stage $default", mapped("$default", ""), "/items", "/items", "/items"],
    ["a domain of a named stage", mapped("prod", ""), "/items", "/items", "/prod/items"],
    ["a domain with the stage in the path", mapped("prod", ""), "/prod/items", "/prod/items", "/prod/prod/items"],
    ["a key of the stage $default", mapped("$default", "v1"), "/v1/items", "/items", "/items"],
    ["a key of a named stage", mapped("prod", "v1"), "/v1/items", "/items", "/prod/items"],
    ["a key of two segments", mapped("prod", "orders/v1"), "/orders/v1/items", "/items", "/prod/items"],
    ["only a key", mapped("prod", "v1"), "/v1", "/", "/prod/"],
    ["a path that matches no key", mapped("prod", "v1"), "/v2/items", undefined, undefined],
    ["the longest key", mapped("prod", "a", "a/b"), "/a/b/c", "/c", "/prod/c"],
  ])("to %s has the expected route path and event path", (_title, addresses, path, routePath, eventPath) => {
    const [mapping] = addresses.mappings;
    const arrive = compileAddresses(addresses, mapping?.domainName ?? EXECUTE_API);
    const arrival = arrive(send(path), false);
    expect([arrival?.routePath, arrival?.eventPath]).toEqual([routePath, eventPath]);
  });

  it("is matched by its Host", () => {
    const arrive = compileAddresses(mapped("prod", ""), EXECUTE_API);
    expect(arrive(send("/prod/items"), false)).toMatchObject({ routePath: "/items", domainName: EXECUTE_API });
    expect(arrive(send("/items"), false)).toBeUndefined();
    expect(arrive(send("/items", DOMAIN), false)).toMatchObject({ routePath: "/items", domainName: DOMAIN });
    expect(arrive(send("/items", `${DOMAIN.toUpperCase()}:443`), false)?.mappingKey).toBe("");
  });

  it("to the execute-api host is outside the stage if that host is disabled", () => {
    const arrive = compileAddresses({ ...mapped("prod", ""), isExecuteApiDisabled: true }, DOMAIN);
    expect(arrive(send("/prod/items", EXECUTE_API), false)).toBeUndefined();
    expect(arrive(send("/items"), false)?.routePath).toBe("/items");
  });

  it("through the edge has the origin's host, regardless of its Host header", () => {
    const arrive = compileAddresses(mapped("prod", ""), DOMAIN);
    expect(arrive(send("/items", EXECUTE_API), true)?.routePath).toBe("/items");
  });

  it("is matched by its decoded path, and logged as it was sent", () => {
    const arrive = compileAddresses(mapped("prod", "v1"), DOMAIN);
    expect(arrive(send("/v1/a%20b"), false)).toMatchObject({ routePath: "/a b", loggedPath: "/prod/a%20b" });
  });
});

describe("the base path of printed URLs", () => {
  it.each<[ApiAddresses, string, string | undefined, string]>([
    [addressesOf("dev"), EXECUTE_API, undefined, "/dev"],
    [addressesOf("$default"), EXECUTE_API, undefined, ""],
    [mapped("prod", ""), DOMAIN, undefined, ""],
    [mapped("prod", "v1"), DOMAIN, undefined, "/v1"],
    [mapped("prod", "v1"), EXECUTE_API, undefined, "/prod"],
    [addressesOf("prod"), EXECUTE_API, "/prod", ""], // the distribution's origin path
  ])("of %j at %s with the origin path %s is %j", (addresses, host, edgePath, expected) => {
    expect(basePathOf(addresses, host, edgePath)).toBe(expected);
  });
});
