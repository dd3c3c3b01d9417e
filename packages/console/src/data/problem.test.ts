import { describe, expect, it } from "vitest";

import { endsView, errorOf } from "./problem";

const HTML = undefined; // CloudFront's page isn't JSON
const SCOPE = "traffic/read";

// API Gateway adds apigw-requestid to all its responses, and the API exposes it to pages
// (`exposeHeaders` in sst.config.ts).
// AWS WAF's block is CloudFront's 403 with an HTML page:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html
describe("a 403", () => {
  it("without a request id comes from the firewall, and names its log", () => {
    const error = errorOf(403, HTML, undefined, SCOPE);
    expect(error).toMatchObject({ kind: "firewall", status: 403, requestId: undefined });
    expect(error.message).toContain("aws-waf-logs-");
  });

  it("with a request id comes from API Gateway, and names the scope", () => {
    const error = errorOf(403, { message: "Forbidden" }, "JCJM3j95PHcEJHg=", SCOPE);
    expect(error).toMatchObject({ kind: "gateway", requestId: "JCJM3j95PHcEJHg=" });
    expect(error.message).toContain(SCOPE);
  });

  it("with problem details comes from the function", () => {
    const problem = { type: "urn:x:access.group", title: "Forbidden", status: 403, detail: "Not in the group." };
    expect(errorOf(403, problem, undefined, SCOPE)).toMatchObject({ kind: "problem", message: "Not in the group." });
  });

  it("from the firewall keeps the page's data", () => {
    expect(endsView(errorOf(403, HTML, undefined, SCOPE))).toBe(false);
    expect(endsView(errorOf(403, { message: "Forbidden" }, "id", SCOPE))).toBe(true);
  });
});
