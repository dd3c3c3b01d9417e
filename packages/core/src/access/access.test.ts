import { describe, expect, it } from "vitest";

import type { AppError } from "../error";
import { authorize, authorizeInTenant, type Claims, type MachineGrants, type Permission } from "./access";

const PERMISSIONS: Permission[] = ["audit/write", "audit/read", "traffic/read"];

/** What a person needs beside the scope, from the table of routes in docs/security.md. */
const NEEDS_GROUP: Record<Permission, string | null> = {
  "audit/write": "writers",
  "audit/read": null,
  "traffic/read": "operators",
};

const grants: MachineGrants = {
  reporter: { tenant: "acme", scopes: ["audit/read"] },
  recorder: { tenant: "acme", scopes: ["audit/write", "audit/read", "traffic/read"] },
};

const subsets = <T>(items: T[]): T[][] =>
  items.reduce<T[][]>((all, item) => all.concat(all.map((some) => some.concat([item]))), [[]]);

const TENANTS: [groups: string[], tenant: string | null][] = [
  [[], null],
  [["tenant:acme"], "acme"],
  [["tenant:acme", "tenant:globex"], null],
  [["tenant:"], null],
  [["tenant:Acme"], null],
  [[`tenant:${"a".repeat(40)}`], "a".repeat(40)],
  [[`tenant:${"a".repeat(41)}`], null],
];

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as AppError).kind;
  }
}

describe("every combination of scopes, groups and tenants of a person", () => {
  const cases = PERMISSIONS.flatMap((permission) =>
    subsets<string>([...PERMISSIONS, "openid"]).flatMap((scopes) =>
      subsets(["writers", "operators"]).flatMap((groups) =>
        TENANTS.flatMap(([tenants, tenant]) =>
          [true, false].map((reversed) => ({ permission, scopes, groups, tenants, tenant, reversed })),
        ),
      ),
    ),
  );

  it(`(${cases.length} of them) is decided as the table says`, () => {
    for (const { permission, scopes, groups, tenants, tenant, reversed } of cases) {
      const all = reversed ? [...tenants, ...groups].reverse() : [...groups, ...tenants];
      const claims: Claims = {
        token_use: "access",
        sub: "ada-sub",
        username: "ada",
        client_id: "web",
        scope: scopes.join(" "),
        ...(all.length > 0 && { "cognito:groups": `[${all.join(" ")}]` }), // measured on a Cognito-backed API (floci)
      };
      const group = NEEDS_GROUP[permission];
      const may = scopes.includes(permission) && (group === null || groups.includes(group));
      const caller = { type: "person", id: "ada-sub" };
      const what = JSON.stringify([permission, claims]);
      expect(
        outcome(() => authorize(permission, claims, grants)),
        what,
      ).toEqual(may ? caller : "forbidden");
      expect(
        outcome(() => authorizeInTenant(permission, claims, grants)),
        what,
      ).toEqual(may && tenant !== null ? { ...caller, tenant } : "forbidden");
    }
  });
});

describe("every combination of scopes and clients of a machine", () => {
  it.each([
    ["recorder", ["audit/write", "audit/read", "traffic/read"]],
    ["reporter", ["audit/read"]],
    ["stranger", []],
    ["constructor", []],
    ["__proto__", []],
  ])("%s may do what it has been granted: %j", (client, granted) => {
    for (const permission of PERMISSIONS) {
      for (const scopes of subsets<string>(PERMISSIONS)) {
        // Groups are for people: in a machine's token they say nothing.
        for (const groups of ["", "[writers operators tenant:globex]"]) {
          const claims = machineClaims(client, scopes, groups === "" ? {} : { "cognito:groups": groups });
          const may = scopes.includes(permission) && granted.includes(permission);
          expect(outcome(() => authorizeInTenant(permission, claims, grants))).toEqual(
            may ? { type: "machine", id: client, tenant: "acme" } : "forbidden",
          );
        }
      }
    }
  });
});

const machineClaims = (client: string, scopes: string[], more: Claims = {}): Claims => ({
  token_use: "access",
  sub: client,
  client_id: client,
  scope: scopes.join(" "),
  ...more,
});

describe("a refusal", () => {
  it.each<[string, Claims | undefined, string, string]>([
    ["no token", undefined, "unauthenticated", "access.token"],
    ["an ID token", { ...machineClaims("recorder", ["audit/read"]), token_use: "id" }, "forbidden", "access.token"],
    [
      "a token that says no use",
      { sub: "recorder", client_id: "recorder", scope: "audit/read" },
      "forbidden",
      "access.token",
    ],
    [
      "a token without a subject",
      { token_use: "access", scope: "audit/read", username: "ada" },
      "forbidden",
      "access.token",
    ],
    ["a token without scopes", machineClaims("recorder", []), "forbidden", "access.scope"],
    [
      "a scope that only begins as the one needed",
      machineClaims("recorder", ["audit/reader"]),
      "forbidden",
      "access.scope",
    ],
    ["a client that nobody granted anything", machineClaims("stranger", ["audit/read"]), "forbidden", "access.grant"],
    [
      "a token of a client for another subject",
      { ...machineClaims("recorder", ["audit/read"]), sub: "ada" },
      "forbidden",
      "access.grant",
    ],
    [
      "groups that are not a list as API Gateway writes one",
      { token_use: "access", sub: "ada", username: "ada", scope: "audit/read", "cognito:groups": "tenant:acme" },
      "forbidden",
      "access.tenant",
    ],
    [
      "a person who has a granted client's id for a name",
      { token_use: "access", sub: "recorder", client_id: "recorder", username: "recorder", scope: "audit/read" },
      "forbidden",
      "access.tenant",
    ],
  ])("of %s has a code of its own", (_title, claims, kind, code) => {
    expect(() => authorizeInTenant("audit/read", claims, grants)).toThrow(expect.objectContaining({ kind, code }));
  });

  it("names what is missing", () => {
    const claims = { token_use: "access", sub: "ada", username: "ada", scope: "audit/write" };
    expect(() => authorize("audit/write", claims, grants)).toThrow("not in the group writers");
    expect(() => authorize("audit/read", claims, grants)).toThrow("does not have the scope audit/read");
  });
});
