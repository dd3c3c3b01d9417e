import { expect, it } from "vitest";

import { recorderOf } from "./recorder";

// Claims as Cognito documents them:
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
it("names a person by the token's `sub`, and the client that the person used", () => {
  const claims = { sub: "aaaaaaaa-bbbb", username: "ada", client_id: "1example23456789" };
  expect(recorderOf({ type: "person", id: "aaaaaaaa-bbbb" }, claims)).toEqual({
    type: "user",
    id: "aaaaaaaa-bbbb",
    client: "1example23456789",
  });
});

it("names a machine by its client id", () => {
  const claims = { sub: "1example23456789", client_id: "1example23456789" };
  expect(recorderOf({ type: "machine", id: "1example23456789" }, claims)).toEqual({
    type: "client",
    id: "1example23456789",
    client: "1example23456789",
  });
});

it.each([{ sub: "ada" }, { sub: "ada", client_id: "" }, undefined])("refuses %j, which names no client", (claims) => {
  expect(() => recorderOf({ type: "person", id: "ada" }, claims)).toThrow("which client it was issued to");
});
