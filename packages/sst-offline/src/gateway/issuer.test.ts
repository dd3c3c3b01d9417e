import { afterAll, beforeAll, expect, it } from "vitest";

import { startIssuer, type TestIssuer } from "../../test/issuer";
import { createKeySource } from "./issuer";

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

it("fetches the keys once in two hours, and once for concurrent requests", async () => {
  let now = 0;
  const keys = createKeySource(issuer.url, () => now);
  await Promise.all([keys(), keys(), keys()]);
  now = 2 * 60 * 60 * 1000 - 1;
  await keys();
  expect(issuer.fetches()).toBe(1);
  now++;
  await keys();
  expect(issuer.fetches()).toBe(2);
});

it("finds the discovery document of an issuer that ends in a slash", async () => {
  await expect(createKeySource(`${issuer.url}/`, () => 0)()).resolves.toEqual(expect.any(Function));
});
