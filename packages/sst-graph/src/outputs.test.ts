import { describe, expect, it } from "vitest";

import { ACCOUNT_ID, type Declared } from "./names";
import { generateOutputs } from "./outputs";

const declare = (type: string, inputs: Declared["inputs"] = {}, name = "Thing"): Declared => ({
  urn: `urn:pulumi:dev::app::${type}::${name}`,
  type,
  name,
  region: "eu-west-1",
  inputs,
});

describe("generateOutputs", () => {
  // ARN formats: https://docs.aws.amazon.com/service-authorization/latest/reference/
  // IDs: the API references of the services
  it.each<[string, Declared["inputs"], string, RegExp]>([
    ["aws:apigatewayv2/api:Api", {}, "id", /^[a-z0-9]{10}$/],
    ["aws:apigatewayv2/api:Api", {}, "arn", /^arn:aws:apigateway:eu-west-1::\/apis\/[a-z0-9]{10}$/],
    ["aws:apigatewayv2/api:Api", {}, "executionArn", /^arn:aws:execute-api:eu-west-1:\d{12}:[a-z0-9]{10}$/],
    ["aws:apigatewayv2/api:Api", {}, "apiEndpoint", /^https:\/\/[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com$/],
    ["aws:cloudfront/distribution:Distribution", {}, "id", /^E[A-Z0-9]{13}$/],
    ["aws:cloudfront/distribution:Distribution", {}, "arn", /^arn:aws:cloudfront::\d{12}:distribution\/E[A-Z0-9]{13}$/],
    ["aws:cloudwatch/logGroup:LogGroup", { name: "/a/b" }, "arn", /^arn:aws:logs:eu-west-1:\d{12}:log-group:\/a\/b$/],
    [
      "aws:cloudwatch/queryDefinition:QueryDefinition",
      { name: "q" },
      "queryDefinitionId",
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    ],
    ["aws:cognito/userPool:UserPool", {}, "id", /^eu-west-1_[A-Za-z0-9]{9}$/],
    ["aws:cognito/userPoolClient:UserPoolClient", {}, "id", /^[a-z0-9]{26}$/],
    ["aws:dynamodb/table:Table", { name: "t" }, "arn", /^arn:aws:dynamodb:eu-west-1:\d{12}:table\/t$/],
    ["aws:iam/role:Role", { name: "r" }, "arn", /^arn:aws:iam::\d{12}:role\/r$/],
    ["aws:lambda/function:Function", { name: "f" }, "arn", /^arn:aws:lambda:eu-west-1:\d{12}:function:f$/],
    ["aws:s3/bucket:Bucket", { bucket: "b" }, "arn", /^arn:aws:s3:::b$/],
    [
      "aws:scheduler/schedule:Schedule",
      { name: "s" },
      "arn",
      /^arn:aws:scheduler:eu-west-1:\d{12}:schedule\/default\/s$/,
    ],
    ["aws:sqs/queue:Queue", { name: "q" }, "url", /^https:\/\/sqs\.eu-west-1\.amazonaws\.com\/\d{12}\/q$/],
  ])("gives %s %j a realistic %s", (type, inputs, output, shape) => {
    const { id, outputs } = generateOutputs(declare(type, inputs));
    expect({ ...outputs, id }[output]).toMatch(shape);
  });

  it("depends only on the URN", () => {
    const api = "aws:apigatewayv2/api:Api";
    expect(generateOutputs(declare(api))).toEqual(generateOutputs(declare(api)));
    expect(generateOutputs(declare(api, {}, "Other")).id).not.toBe(generateOutputs(declare(api)).id);
  });

  it("uses an account ID that nobody has", () => {
    expect(ACCOUNT_ID).toBe("000000000000");
  });

  it.each([
    ["aws:kinesis/stream:Stream", "kinesis"],
    ["kubernetes:core/v1:Pod", "others"],
  ])("names the file to which the unknown type %s belongs", (type, file) => {
    const path = `packages/sst-graph/src/resources/${file}.ts`;
    expect(() => generateOutputs(declare(type))).toThrow(
      `"Thing" has the type ${type}, whose outputs are unknown. Add the shape of its ID and ARN to ${path}`,
    );
  });
});
