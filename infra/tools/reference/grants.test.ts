import type { Graph } from "@backend/sst-graph/graph";
import { expect, it } from "vitest";

import { grantsPage } from "./grants";

const ROLE = "urn:pulumi:dev::app::sst:aws:Function$aws:iam/role:Role::PlaceRole";
const TABLE = "urn:pulumi:dev::app::sst:aws:Dynamo$aws:dynamodb/table:Table::OrdersTable";

function graphOf(stage: string, statement: object, managedPolicyArns: string[] = []): Graph {
  const inlinePolicies = [{ name: "inline", policy: { json: { Version: "2012-10-17", Statement: [statement] } } }];
  const inputs = { inlinePolicies, managedPolicyArns };
  const parent = "urn:pulumi:dev::app::sst:aws:Function::Place";
  const role = { urn: ROLE, type: "aws:iam/role:Role", name: "PlaceRole", parent, inputs };
  return { stage, resources: [role] } as unknown as Graph;
}

it.each<[string, object, string]>([
  [
    "names the resources",
    {
      Effect: "Allow",
      Action: ["dynamodb:Query"],
      Resource: [{ ref: `${TABLE}#arn` }, `\${${TABLE}#arn}/index/byDay`],
    },
    "| Place | `dynamodb:Query` | OrdersTable, OrdersTable/index/byDay | all |",
  ],
  [
    "shows a condition",
    {
      Effect: "Allow",
      Action: ["s3:PutObject"],
      Resource: ["*"],
      Condition: { Bool: { "aws:SecureTransport": true } },
    },
    '| Place | `s3:PutObject` | *, `{"Condition":{"Bool":{"aws:SecureTransport":true}}}` | all |',
  ],
  [
    "shows NotAction and NotResource",
    { Effect: "Allow", NotAction: ["iam:*"], NotResource: ["arn:aws:s3:::x"] },
    '| Place |  | `{"NotAction":["iam:*"],"NotResource":["arn:aws:s3:::x"]}` | all |',
  ],
])("%s", (_title, statement, row) => {
  expect(grantsPage([graphOf("dev", statement)])).toContain(row);
});

it("leaves out Deny statements, and lists managed policies", () => {
  const page = grantsPage([
    graphOf("dev", { Effect: "Deny", Action: ["logs:*"], Resource: ["*"] }, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
  ]);
  expect(page).not.toContain("logs:");
  expect(page).toContain("| Place | managed policy `ReadOnlyAccess` |  | all |");
});

it("names the stages that have a grant", () => {
  const allow = (action: string) => ({ Effect: "Allow", Action: [action], Resource: ["*"] });
  const page = grantsPage([graphOf("dev", allow("sqs:SendMessage")), graphOf("prod", allow("sns:Publish"))]);
  expect(page).toContain("| Place | `sqs:SendMessage` | * | dev |");
  expect(page).toContain("| Place | `sns:Publish` | * | prod |");
});
