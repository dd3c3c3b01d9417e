import { describe, expect, it } from "vitest";

import { groupsOf, inputsOf, nameOf, type Resource, titleOf } from "./graph";

function resource(type: string, name: string, inputs: unknown = {}): Resource {
  const urn = `urn:pulumi:dev::app::${type}::${name}`;
  return { urn, type, name, parent: null, simulated: true, gaps: [], kept: false, uses: [], inputs };
}

const api = resource("aws:apigatewayv2/api:Api", "SecureBackendAPIApi");
const route = resource("aws:apigatewayv2/route:Route", "GetEventsRoute");
const queue = resource("aws:sqs/queue:Queue", "DeadLetters");
const component = resource("sst:aws:ApiGatewayV2", "SecureBackendAPI");

describe("groupsOf", () => {
  it.each([
    ["", [api, route, queue]],
    ["  ", [api, route, queue]],
    ["ROUTE", [route]],
    ["apigatewayv2 events", [route]],
    ["securebackendapi", [api]], // not the component
    ["nothing", []],
  ])("finds by %j the resources with each word in their name or type", (text, expected) => {
    expect(groupsOf([queue, component, route, api], text).flatMap(([, found]) => found)).toEqual(expected);
  });
});

describe("names", () => {
  it.each([
    ["aws:apigatewayv2/api:Api", "API Gateway: API"],
    ["aws:cloudwatch/logGroup:LogGroup", "CloudWatch: Log group"],
    ["aws:s3/bucketObjectv2:BucketObjectv2", "S3: Bucket object"],
    ["aws:kms/key:Key", "kms: Key"],
    ["random:index:Thing", "random:index:Thing"],
  ])("%s is shown as %s", (type, expected) => {
    expect(titleOf(type)).toBe(expected);
  });

  it("are the last part of a URN", () => {
    expect(nameOf("urn:pulumi:dev::app::sst:aws:Dynamo$aws:dynamodb/table:Table::AuditTable")).toBe("AuditTable");
  });

  it("replace URNs in inputs", () => {
    const inputs = {
      apiId: { ref: `${api.urn}#id` },
      uri: `arn:\${${queue.urn}#arn}/\${${api.urn}#id}`,
      plain: "a::b",
    };
    expect(JSON.parse(inputsOf({ ...route, inputs }))).toEqual({
      apiId: { ref: "SecureBackendAPIApi#id" },
      uri: "arn:${DeadLetters#arn}/${SecureBackendAPIApi#id}",
      plain: "a::b",
    });
  });
});
