import { describe, expect, it } from "vitest";

import type { Permissions } from "../api/contract";
import type { AppError } from "../error";
import { authorize, type Claims } from "./authorize";

/** A permission of each kind. Those of the project may be others. */
const PERMISSIONS = {
  "notes/write": { description: "Write notes", group: "writers", perTenant: true },
  "notes/read": { description: "Read notes", perTenant: true },
  "metrics/read": { description: "Read metrics", group: "operators" },
} satisfies Permissions;

type Name = keyof typeof PERMISSIONS;
const NAMES = Object.keys(PERMISSIONS) as Name[];
const accessOf = (name: Name) => ({ ...PERMISSIONS[name], name });

const NEEDS_GROUP: Record<Name, string | null> = {
  "notes/write": "writers",
  "notes/read": null,
  "metrics/read": "operators",
};
const PER_TENANT: Name[] = ["notes/write", "notes/read"];

const subsets = <T>(items: T[]): T[][] =>
  items.reduce<T[][]>((all, item) => all.concat(all.map((some) => some.concat([item]))), [[]]);

/** Groups of a person, and the tenant that they give for each value of `x-tenant`. */
const TENANTS: [groups: string[], header: string | undefined, tenant: string | null | "input"][] = [
  [[], undefined, null],
  [[], "acme", null],
  [["tenant:acme"], undefined, "acme"],
  [["tenant:acme"], "acme", "acme"],
  [["tenant:acme"], "globex", null],
  [["tenant:acme", "tenant:globex"], undefined, "input"],
  [["tenant:acme", "tenant:globex"], "globex", "globex"],
  [["tenant:acme", "tenant:globex"], "initech", null],
  [["tenant:"], undefined, null],
  [["tenant:Acme"], undefined, null],
  [[`tenant:${"a".repeat(40)}`], undefined, "a".repeat(40)],
  [[`tenant:${"a".repeat(41)}`], undefined, null],
];

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as AppError).kind;
  }
}

describe("every combination of scopes, groups and tenants of a person", () => {
  const cases = NAMES.flatMap((permission) =>
    subsets<string>([...NAMES, "openid", "tenant/acme"]).flatMap((scopes) =>
      subsets(["writers", "operators"]).flatMap((groups) =>
        TENANTS.flatMap(([tenants, header, tenant]) => ({ permission, scopes, groups, tenants, header, tenant })),
      ),
    ),
  );

  it(`(${cases.length} of them) is decided as the table says`, () => {
    for (const { permission, scopes, groups, tenants, header, tenant } of cases) {
      const all = [...groups, ...tenants];
      const claims: Claims = {
        token_use: "access",
        sub: "ada-sub",
        username: "ada",
        client_id: "web",
        scope: scopes.join(" "),
        ...(all.length > 0 && { "cognito:groups": `[${all.join(" ")}]` }), // measured on a Cognito-backed API (floci)
      };
      const group = NEEDS_GROUP[permission];
      const caller = { type: "user", id: "ada-sub", client: "web" };
      const may = scopes.includes(permission) && (group === null || groups.includes(group));
      const inTenant = tenant === null ? "forbidden" : tenant === "input" ? "input" : { ...caller, tenant };
      const expected = PER_TENANT.includes(permission) ? inTenant : caller;
      expect(
        outcome(() => authorize(accessOf(permission), claims, header)),
        JSON.stringify([permission, claims, header]),
      ).toEqual(may ? expected : "forbidden");
    }
  });
});

describe("every combination of scopes of a machine client", () => {
  it.each<[string[], string | null]>([
    [[], null],
    [["tenant/acme"], "acme"],
    [["tenant/Acme"], null],
    [["tenant:acme"], null],
    [["tenant/acme", "tenant/globex"], "input"],
  ])("with the tenant scopes %j acts for %s", (tenantScopes, tenant) => {
    for (const permission of NAMES) {
      for (const scopes of subsets<string>(NAMES)) {
        // Groups are for people: in a client's token they say nothing.
        for (const groups of ["", "[writers operators tenant:globex]"]) {
          const claims: Claims = {
            token_use: "access",
            sub: "recorder",
            client_id: "recorder",
            scope: [...scopes, ...tenantScopes].join(" "),
            ...(groups !== "" && { "cognito:groups": groups }),
          };
          const caller = { type: "client", id: "recorder", client: "recorder" };
          const inTenant = tenant === null ? "forbidden" : tenant === "input" ? "input" : { ...caller, tenant };
          const expected = PER_TENANT.includes(permission) ? inTenant : caller;
          expect(outcome(() => authorize(accessOf(permission), claims, undefined))).toEqual(
            scopes.includes(permission) ? expected : "forbidden",
          );
          if (PER_TENANT.includes(permission))
            expect(outcome(() => authorize(accessOf(permission), claims, "initech"))).toBe("forbidden");
        }
      }
    }
  });
});

describe("a refusal", () => {
  const machine = { token_use: "access", sub: "m", client_id: "m", scope: "notes/read tenant/acme" };
  it.each<[string, Claims | undefined, string, string]>([
    ["no token", undefined, "unauthenticated", "access.token"],
    ["an ID token", { ...machine, token_use: "id" }, "forbidden", "access.token"],
    ["a token without its use", { sub: "m", client_id: "m", scope: "notes/read" }, "forbidden", "access.token"],
    [
      "a token without a subject",
      { token_use: "access", client_id: "m", scope: "notes/read" },
      "forbidden",
      "access.token",
    ],
    [
      "a person's token without a client",
      { token_use: "access", sub: "ada", username: "ada", scope: "notes/read" },
      "forbidden",
      "access.token",
    ],
    ["a token without scopes", { ...machine, scope: "" }, "forbidden", "access.scope"],
    [
      "a scope that only starts like the one needed",
      { ...machine, scope: "notes/reader" },
      "forbidden",
      "access.scope",
    ],
    ["a client's token for another subject", { ...machine, sub: "ada" }, "forbidden", "access.token"],
    [
      "groups that are not a list as API Gateway writes one",
      { ...machine, sub: "ada", username: "ada", "cognito:groups": "tenant:acme" },
      "forbidden",
      "access.tenant",
    ],
  ])("of %s has a code of its own", (_title, claims, kind, code) => {
    expect(() => authorize(accessOf("notes/read"), claims, undefined)).toThrow(expect.objectContaining({ kind, code }));
  });

  it("names what is missing", () => {
    const claims = { token_use: "access", sub: "ada", username: "ada", client_id: "web", scope: "notes/write" };
    expect(() => authorize(accessOf("notes/write"), claims, undefined)).toThrow(/group writers/);
    expect(() => authorize(accessOf("notes/read"), claims, undefined)).toThrow(/scope notes\/read/);
  });
});
