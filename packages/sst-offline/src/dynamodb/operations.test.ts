import * as client from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { callsOf } from "../iam/actions";
import { AwsError } from "../kit/aws-call";
import { OPERATIONS } from "./operations";
import { createDynamoDb } from "./service";

describe("the operations of DynamoDB", () => {
  it("are those of AWS's SDK", () => {
    const commands = Object.keys(client).flatMap((name) => /^(\w+)Command$/.exec(name)?.[1] ?? []);
    const known = commands.filter((name) => name !== "$");
    expect(Object.keys(OPERATIONS).sort()).toEqual(known.sort());
  });

  const rejected = Object.entries(OPERATIONS).flatMap(([name, operation]) =>
    "rejected" in operation ? [{ name, reason: operation.rejected }] : [],
  );
  it.each([...rejected, { name: "Unheard" }, { name: "constructor" }])(
    "reject $name with an error that names it",
    async ({ name }) => {
      const handle = createDynamoDb(new Map(), {
        call: () => Promise.reject(new Error("unexpected")),
        close: async () => {},
      });
      const outcome = await handle({ service: "dynamodb", operation: name, body: "{}", input: {} }).catch(
        (error) => error,
      );
      expect(outcome).toBeInstanceOf(AwsError);
      expect(outcome).toMatchObject({ status: 400, type: "com.amazon.coral.service#UnknownOperationException" });
      expect(outcome.message).toContain(name);
    },
  );

  it("that are supported are known to IAM", () => {
    const arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/Things";
    const input = {
      TableName: "Things",
      ResourceArn: arn,
      RequestItems: { Things: [] },
      TransactItems: [{ Get: { TableName: arn } }],
    };
    const served = Object.keys(OPERATIONS).filter((name) => "served" in (OPERATIONS[name] ?? {}));
    for (const name of served) {
      const needed = callsOf("dynamodb", name, input, { region: "eu-west-1", accountId: "000000000000" });
      for (const { resource } of needed) expect([arn, "*"], name).toContain(resource);
    }
  });
});
