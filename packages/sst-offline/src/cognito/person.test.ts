import { describe, expect, it } from "vitest";

import { personOf, uuid } from "./person";

const runtimeGroups = { pattern: /^tenant:[a-z0-9-]{1,40}$/, label: "Tenant", prefix: "tenant:", example: "acme" };
const pool = { id: "eu-west-1_AbCdEfGhI", clients: [], groups: ["writers", "operators"], runtimeGroups };

// https://www.rfc-editor.org/rfc/rfc9562#appendix-A.4
it("creates the UUID of the standard's example", () => {
  const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  expect(uuid("www.example.com", dns)).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
});

// Pattern and length of a user name:
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
describe("a user name", () => {
  it.each(["a", "ada@example.com", "Žofie", "😀", "x".repeat(128)])("may be %s", (name) => {
    expect(personOf(pool, name, []).name).toBe(name);
  });

  it.each(["", " ", "ada l", "a\nb", "a\u0000", "x".repeat(129)])("may not be %j", (name) => {
    expect(() => personOf(pool, name, [])).toThrow("expected 1 to 128 letters, digits and signs without a space");
  });

  it("has one subject in each pool", () => {
    const { subject } = personOf(pool, "ada", []);
    expect(personOf(pool, "ada", ["writers"]).subject).toBe(subject);
    expect(personOf(pool, "Ada", []).subject).not.toBe(subject);
    expect(personOf({ ...pool, id: "eu-west-1_other" }, "ada", []).subject).not.toBe(subject);
  });
});

describe("a group", () => {
  it.each([["writers"], [`tenant:${"a".repeat(40)}`], ["tenant:a-1"]])("may be %s", (group) => {
    expect(personOf(pool, "ada", [group]).groups).toEqual([group]);
  });

  it.each(["Writers", "", "tenant:", `tenant:${"a".repeat(41)}`, "tenant:A", "tenant:a b", "x tenant:a"])(
    "may not be %j",
    (group) => {
      expect(() => personOf(pool, "ada", ["writers", group])).toThrow(
        `no group "${group}": expected writers, operators, a name such as tenant:acme`,
      );
    },
  );

  it("must be declared if the app creates no groups at run time", () => {
    const declared = { ...pool, runtimeGroups: undefined };
    expect(() => personOf(declared, "ada", ["tenant:a"])).toThrow('no group "tenant:a": expected writers, operators');
    expect(() => personOf({ ...declared, groups: [] }, "ada", ["x"])).toThrow("expected none: the pool has none");
  });

  it("counts once", () => {
    expect(personOf(pool, "ada", ["writers", "operators", "writers"]).groups).toEqual(["writers", "operators"]);
  });
});
