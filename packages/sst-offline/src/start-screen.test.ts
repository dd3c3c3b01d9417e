import { describe, expect, it } from "vitest";

import { routeRows } from "./start-screen";

const authorizer = { identitySource: "", issuer: "", audiences: [] };
const ROUTES = [
  { routeKey: "GET /events/{id}", authorizer, scopes: ["audit/read"] },
  { routeKey: "POST /events", authorizer, scopes: ["audit/write", "audit/admin"] },
  { routeKey: "GET /events", authorizer, scopes: [] },
  { routeKey: "ANY /health", scopes: [] },
  { routeKey: "$default", scopes: [] },
];

describe("the routes on the start screen", () => {
  it("have their permission, a collection before its items, in two columns if they fit", () => {
    expect(routeRows(ROUTES, 80)).toEqual([
      "$default           public                     GET  /events/{id}  audit/read",
      "GET       /events  any token                  ANY  /health       public",
      "POST      /events  audit/write, audit/admin",
    ]);
  });

  it("are in one column on a narrow terminal, and never wider", () => {
    const rows = routeRows(ROUTES, 40);
    expect(rows).toHaveLength(5);
    expect(rows[1]).toBe("GET       /events       any token");
    expect(rows[2]).toBe("POST      /events       audit/write, au…");
  });

  it("may be none", () => {
    expect(routeRows([], 80)).toEqual([]);
  });
});
