import { describe, expect, it } from "vitest";

import { policyDocument } from "./policy-document";

const documentOf = (inputs: Parameters<typeof policyDocument>[0]) => JSON.parse(String(policyDocument(inputs).json));

// Arguments and results: the provider's documentation of aws_iam_policy_document
// aws_iam_policy_document in the documentation of Terraform's AWS provider, with lists of one
// kept as lists, which IAM reads the same.
describe("policyDocument", () => {
  it("writes Sid, Effect, Action, Resource and Condition", () => {
    const statement = {
      sid: "ListHome",
      actions: ["s3:ListBucket"],
      resources: ["arn:aws:s3:::example"],
      conditions: [
        { test: "StringLike", variable: "s3:prefix", values: ["", "home/"] },
        { test: "StringLike", variable: "aws:username", values: ["a*"] },
        { test: "Bool", variable: "aws:SecureTransport", values: ["true"] },
      ],
    };
    expect(documentOf({ statements: [statement] })).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "ListHome",
          Effect: "Allow",
          Action: ["s3:ListBucket"],
          Resource: ["arn:aws:s3:::example"],
          Condition: {
            StringLike: { "s3:prefix": ["", "home/"], "aws:username": ["a*"] },
            Bool: { "aws:SecureTransport": ["true"] },
          },
        },
      ],
    });
  });

  it("joins principals of one type, and writes the wildcard as such", () => {
    const assume = { effect: "Allow", actions: ["sts:AssumeRole"] };
    const services = [
      { type: "Service", identifiers: ["lambda.amazonaws.com"] },
      { type: "Service", identifiers: ["edgelambda.amazonaws.com"] },
      { type: "AWS", identifiers: ["arn:aws:iam::111111111111:root"] },
    ];
    expect(documentOf({ statements: [{ ...assume, principals: services }] }).Statement[0].Principal).toEqual({
      Service: ["lambda.amazonaws.com", "edgelambda.amazonaws.com"],
      AWS: ["arn:aws:iam::111111111111:root"],
    });
    const anyone = [{ type: "*", identifiers: ["*"] }];
    expect(documentOf({ statements: [{ ...assume, principals: anyone }] }).Statement[0].Principal).toBe("*");
  });

  it("writes NotAction, NotResource and NotPrincipal", () => {
    const statement = {
      effect: "Deny",
      notActions: ["iam:*"],
      notResources: ["arn:aws:s3:::a"],
      notPrincipals: [{ type: "AWS", identifiers: ["1"] }],
    };
    expect(documentOf({ statements: [statement] }).Statement).toEqual([
      { Effect: "Deny", NotPrincipal: { AWS: ["1"] }, NotAction: ["iam:*"], NotResource: ["arn:aws:s3:::a"] },
    ]);
  });

  it("puts source documents first, and lets an override replace the statement of the same Sid", () => {
    const json = (Sid: string, Effect: string) => JSON.stringify({ Version: "2012-10-17", Statement: { Sid, Effect } });
    const document = documentOf({
      sourcePolicyDocuments: [json("A", "Allow")],
      statements: [{ sid: "B", effect: "Allow" }],
      overridePolicyDocuments: [json("A", "Deny")],
    });
    expect(document.Statement).toEqual([
      { Sid: "A", Effect: "Deny" },
      { Sid: "B", Effect: "Allow" },
    ]);
  });

  it("refuses two statements with one Sid", () => {
    const statements = [
      { sid: "A", actions: ["s3:Get*"] },
      { sid: "A", actions: ["s3:Put*"] },
    ];
    expect(() => policyDocument({ statements })).toThrow('two statements have the Sid "A"');
  });

  it("refuses an argument that it does not know, rather than leave it out", () => {
    expect(() => policyDocument({ statement: [] })).toThrow("getPolicyDocument: unknown argument statement");
  });

  it("gives no list of statements where there are none", () => {
    expect(policyDocument({ statements: [] })).not.toHaveProperty("statements");
  });
});
