import { describe, expect, it } from "vitest";

import { compileRoutes } from "./route";

const routesOf = (keys: string[]) =>
  compileRoutes(keys.map((routeKey) => ({ routeKey, scopes: [], functionArn: "arn", timeoutMs: 30_000 })));

const chosen = (keys: string[], method: string, path: string) => {
  const match = routesOf(keys)(method, path);
  return match && [match.route.routeKey, match.pathParameters];
};

describe("the selection of a route", () => {
  // The example table of "Routing API requests",
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
  const documented = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"];
  it.each([
    ["GET", "/pets/dog/1", "GET /pets/dog/1", undefined],
    ["GET", "/pets/dog/2", "GET /pets/dog/{id}", { id: "2" }],
    ["GET", "/pets/cat/1", "GET /pets/{proxy+}", { proxy: "cat/1" }],
    ["POST", "/test/5", "ANY /{proxy+}", { proxy: "test/5" }],
  ])("sends %s %s to %s, as AWS documents", (method, path, routeKey, parameters) => {
    expect(chosen(documented, method, path)).toEqual([routeKey, parameters]);
  });

  it.each<[string, string[], string, string, string | undefined]>([
    ["a method before ANY", ["ANY /a", "GET /a"], "GET", "/a", "GET /a"],
    ["ANY for another method", ["ANY /a", "GET /a"], "PUT", "/a", "ANY /a"],
    ["a literal before a variable", ["GET /{b}", "GET /a"], "GET", "/a", "GET /a"],
    ["the literal further to the left", ["GET /{x}/b", "GET /a/{y}"], "GET", "/a/b", "GET /a/{y}"],
    ["a full match before a greedy variable", ["GET /a/{proxy+}", "GET /{x}/{y}"], "GET", "/a/b", "GET /{x}/{y}"],
    ["the longer of two greedy routes", ["ANY /{proxy+}", "ANY /a/{proxy+}"], "GET", "/a/b/c", "ANY /a/{proxy+}"],
    ["$default last", ["$default", "ANY /{proxy+}"], "GET", "/a", "ANY /{proxy+}"],
    ["$default if no other route matches", ["$default", "GET /a"], "POST", "/a", "$default"],
    ["nothing for another method", ["GET /a"], "POST", "/a", undefined],
    ["nothing for HEAD on a GET route", ["GET /a"], "HEAD", "/a", undefined],
    ["nothing for another case", ["GET /a"], "GET", "/A", undefined],
    ["nothing for a slash at the end", ["GET /a"], "GET", "/a/", undefined],
    ["nothing for a longer path", ["GET /a"], "GET", "/a/b", undefined],
    ["nothing for a shorter path", ["GET /a/b"], "GET", "/a", undefined],
    // Observed on AWS: storacha/w3infra#166.
    ["a greedy route for an empty rest", ["ANY /metrics/{proxy+}"], "GET", "/metrics/", "ANY /metrics/{proxy+}"],
    ["no greedy route without the slash", ["ANY /metrics/{proxy+}"], "GET", "/metrics", undefined],
    // Observed on AWS: architect/architect#981.
    ["a variable for an empty segment", ["GET /{a}"], "GET", "/", "GET /{a}"],
  ])("selects %s", (_title, keys, method, path, routeKey) => {
    expect(chosen(keys, method, path)?.[0]).toBe(routeKey);
    expect(chosen(keys.toReversed(), method, path)?.[0]).toBe(routeKey);
  });

  // CreateRoute rejects a slash at the end (storacha/w3infra#166), duplicates (yulin), other
  // methods, and a greedy variable before the last segment (http-api-develop-routes.html).
  it.each([
    [["GET /a/"], 'route "GET /a/" ends in a slash, which API Gateway rejects'],
    [["GET /a/{x}", "GET /a/{y}"], 'route "GET /a/{y}" is the same as "GET /a/{x}" for API Gateway'],
    [["GET /a/{x}/b", "GET /a/{y}/b"], 'route "GET /a/{y}/b" is the same as "GET /a/{x}/b"'],
    [["GET /a", "GET /a"], 'route "GET /a" is the same as "GET /a"'],
    [["TRACE /a"], 'route "TRACE /a": expected $default, or one of ANY DELETE GET'],
    [["get /a"], 'route "get /a": expected $default'],
    [["GET a"], 'route "GET a": expected $default'],
    [["/a"], 'route "/a": expected $default'],
    [["GET /{proxy+}/a"], 'route "GET /{proxy+}/a": a greedy variable must be the last segment'],
  ])("rejects %j", (keys, message) => {
    expect(() => routesOf(keys)).toThrow(message);
  });

  it("accepts a variable and a greedy variable in the same segment of two routes", () => {
    expect(chosen(["GET /a/{x}", "GET /a/{x+}"], "GET", "/a/b")?.[0]).toBe("GET /a/{x}");
  });
});
