import { describe, expect, it } from "vitest";

import { isTrusted } from "./api";

const SITE = "${urn:pulumi:prod::app::aws:cloudfront/distribution:Distribution::Site#domainName}";

describe("an origin or a page that people come back to", () => {
  it.each<[string, boolean, boolean]>([
    ["https://app.example.com", true, true],
    ["http://app.example.com", true, false],
    ["http://localhost:5173", false, true],
    ["http://localhost:5173", true, false],
    [`https://${SITE}`, true, true],
    [`https://${SITE}/callback`, true, true],
    [`http://${SITE}`, true, false],
    [`https://${SITE}/#x`, true, false],
    [SITE, true, false],
  ])("is %s, in a strict stage %s: trusted %s", (url, strict, trusted) => {
    expect(isTrusted(url, strict)).toBe(trusted);
  });
});
