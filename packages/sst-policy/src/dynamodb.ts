import type { Resource } from "@backend/sst-graph/graph";
import { isObject } from "@backend/sst-graph/reference";
import type { Finding, Rule } from "./rule";
import { statementsOf } from "./statements";
import { expectRetained, expectThat, flag, inputListOf, inputOf, targetOf, type View } from "./view";

const TABLE = "aws:dynamodb/table:Table";

const checkTables = (check: (view: View, table: Resource) => Finding[]) => (view: View) =>
  view.all(TABLE).flatMap((table) => check(view, table));
const checkEvidence = (check: (view: View, table: Resource) => Finding[]) => (view: View) =>
  view.strict ? checkTables(check)(view) : [];

export const DYNAMODB_RULES: Rule[] = [
  {
    id: "table-capacity",
    severity: "medium",
    title: "Tables have on-demand capacity",
    reason: "When a fixed capacity is used up, DynamoDB rejects writes and records are lost.",
    fix: "Leave billingMode at PAY_PER_REQUEST.",
    mapping: ["DynamoDB.1"],
    check: checkTables((view, table) =>
      expectThat(view, table, "billingMode", (mode) => mode === "PAY_PER_REQUEST", "expected PAY_PER_REQUEST"),
    ),
  },
  {
    id: "table-recovery",
    severity: "medium",
    title: "In prod, tables have point-in-time recovery",
    reason:
      "IAM cannot require that a put overwrites nothing. If an attacker controls a function, recovery is " +
      "the remedy.",
    fix: "Set pointInTimeRecovery.enabled on the table.",
    mapping: ["DynamoDB.2", "AwsSolutions-DDB3", "CKV_AWS_28"],
    check: checkEvidence((view, table) => [
      ...expectThat(
        view,
        table,
        "pointInTimeRecovery.enabled",
        (value) => value === true,
        "expected point-in-time recovery",
      ),
      // Default 35 days: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html
      ...expectThat(
        view,
        table,
        "pointInTimeRecovery.recoveryPeriodInDays",
        (days) => days === undefined || days === 35,
        "expected 35 days, the longest period",
      ),
    ]),
  },
  {
    id: "table-backed-up",
    severity: "low",
    title: "In prod, tables are in a backup plan",
    reason: "Point-in-time recovery covers only 35 days, and is lost with the account.",
    fix: "Add aws.backup.Plan, and aws.backup.Selection with the table's ARN.",
    mapping: ["DynamoDB.4"],
    check: checkEvidence((view, table) =>
      view
        .all("aws:backup/selection:Selection")
        .some((selection) => inputListOf(selection, "resources").some((one) => targetOf(view, one)?.resource === table))
        ? []
        : [flag(table, "@", "expected the table in the selection of a backup plan")],
    ),
  },
  {
    id: "table-deletion-protection",
    severity: "medium",
    title: "In prod, tables have deletion protection",
    reason: "Otherwise one wrong deployment deletes all records.",
    fix: "Set deletionProtection on the table.",
    mapping: ["DynamoDB.6"],
    check: checkEvidence((view, table) =>
      expectThat(view, table, "deletionProtectionEnabled", (value) => value === true, "expected deletion protection"),
    ),
  },
  {
    id: "table-kept",
    severity: "high",
    title: "In prod, tables survive the removal of the stage",
    reason: "Otherwise `sst remove` deletes the evidence.",
    fix: "Set options.retainOnDelete in transform.table.",
    check: checkEvidence((view, table) => expectRetained(view, table, "the table")),
  },
  {
    id: "table-key",
    severity: "medium",
    title: "A table is encrypted with DynamoDB's own key, or with a key of this deployment that prod keeps",
    reason: "Without its key, the data cannot be read.",
    fix: "Remove serverSideEncryption, or name a key of this deployment.",
    check: checkTables((view, table) => {
      const key = inputOf(table, "serverSideEncryption.kmsKeyArn");
      if (key === undefined) return [];
      const target = targetOf(view, key)?.resource;
      if (target?.type !== "aws:kms/key:Key")
        return [flag(table, "serverSideEncryption.kmsKeyArn", "expected a key of this deployment")];
      return view.strict ? expectRetained(view, target, "the table's key") : [];
    }),
  },
  {
    id: "table-stream",
    severity: "low",
    title: "A table has a stream only if something reads it",
    reason: "A stream shows every change of the table to anyone who may read streams.",
    fix: "Remove stream.",
    check: checkTables((view, table) => {
      const isRead = view.all("aws:lambda/eventSourceMapping:EventSourceMapping").length > 0;
      return expectThat(view, table, "streamEnabled", (value) => value !== true || isRead, "expected no stream");
    }),
  },
  {
    id: "granted-index-exists",
    severity: "low",
    title: "Functions may query only indexes that the table has",
    reason: "A query of a missing index fails, and a hurried repair grants too much.",
    fix: "Declare the index, or remove it from the function's permissions.",
    check: (view) =>
      statementsOf(view, "identity").flatMap(({ resource, path, resources }) =>
        resources.flatMap((text) => {
          const [, urn = "", index] = /^\$\{([^}]+)#arn\}\/index\/([^*]+)$/.exec(text) ?? [];
          const table = view.get(urn);
          if (index === undefined || table === undefined) return [];
          const declared = [
            ...inputListOf(table, "globalSecondaryIndexes"),
            ...inputListOf(table, "localSecondaryIndexes"),
          ];
          const has = declared.some((one) => one !== null && isObject(one) && one.name === index);
          return has ? [] : [flag(resource, `${path}.Resource`, `${table.name} has no index "${index}"`)];
        }),
      ),
  },
  {
    id: "table-expiry",
    severity: "low",
    title: "Items of a table expire",
    reason: "Records of who did what are personal data. They must be deleted after the documented time.",
    fix: "Set the table's ttl to the attribute expiresAt.",
    check: checkTables((view, table) => [
      ...expectThat(view, table, "ttl.enabled", (value) => value === true, "expected items to expire"),
      ...expectThat(
        view,
        table,
        "ttl.attributeName",
        (name) => name === "expiresAt",
        "expected the attribute expiresAt",
      ),
    ]),
  },
];
