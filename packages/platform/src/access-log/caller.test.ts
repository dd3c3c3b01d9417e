import { expect, it } from "vitest";

import { callerOf } from "./caller";

// Claims of a person's and of a machine's access token, as Cognito documents them:
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
it.each([
  ["a person", { user: "aaaaaaaa-bbbb", client: "1example23456789", sourceIp: "203.0.113.7" }, "user", "aaaaaaaa-bbbb"],
  ["a machine client, whose `sub` is its id", { user: "1example", client: "1example" }, "client", "1example"],
  ["a token without `sub`", { client: "1example", sourceIp: "203.0.113.7" }, "client", "1example"],
  ["a token without `client_id`", { user: "aaaaaaaa-bbbb" }, "user", "aaaaaaaa-bbbb"],
  ["a caller who is not signed in", { sourceIp: "203.0.113.7" }, "address", "203.0.113.7"],
  ["a line without a caller", {}, "unknown", ""],
])("names %s", (_title, entry, kind, id) => {
  expect(callerOf(entry)).toEqual({ kind, id });
});
