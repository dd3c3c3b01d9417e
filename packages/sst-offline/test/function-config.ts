import type { FunctionConfig } from "../src/lambda/function-config";

export const fixtureConfig: FunctionConfig = {
  name: "Fixture-dev",
  arn: "arn:aws:lambda:eu-west-1:000000000000:function:Fixture-dev",
  exportName: "handler",
  timeoutMs: 3000,
  memorySizeMb: 128,
  logFormat: "JSON",
  logGroup: "/aws/lambda/Fixture-dev",
  runtime: "nodejs24.x",
  region: "eu-west-1",
  variables: {},
  aws: {},
};
