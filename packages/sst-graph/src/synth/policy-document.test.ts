import { describe, expect, it } from "vitest";

import { createPolicyDocument } from "./policy-document";

const documentOf = (inputs: Parameters<typeof createPolicyDocument>[0]) =>
  JSON.parse(String(createPolicyDocument(inputs).json));

// Arguments and results: aws_iam_policy_document in the documentation of Terraform's AWS provider.
// Lists with one element stay lists, which IAM treats in the same way.
describe("createPolicyDocument", () => {
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

  it("joins principals of one type, and keeps the wildcard", () => {
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

  it("puts source documents first, and replaces the statement with the Sid of an override", () => {
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

  it("rejects two statements with the same Sid", () => {
    const statements = [
      { sid: "A", actions: ["s3:Get*"] },
      { sid: "A", actions: ["s3:Put*"] },
    ];
    expect(() => createPolicyDocument({ statements })).toThrow('two statements have the Sid "A"');
  });

  it("rejects an unknown argument", () => {
    expect(() => createPolicyDocument({ statement: [] })).toThrow("getPolicyDocument: unknown argument statement");
  });

  it("omits an empty list of statements", () => {
    expect(createPolicyDocument({ statements: [] })).not.toHaveProperty("statements");
  });
});
