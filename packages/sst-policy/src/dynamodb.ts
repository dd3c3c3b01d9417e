import type { Resource } from "@backend/sst-graph/graph";
import { isObject } from "@backend/sst-graph/reference";
import type { Finding, Rule } from "./rule";
import { statementsOf } from "./statements";
import { expectKept, expectThat, found, raw, rawList, targetOf, type View } from "./view";

const TABLE = "aws:dynamodb/table:Table";

const ofTables = (check: (view: View, table: Resource) => Finding[]) => (view: View) =>
  view.all(TABLE).flatMap((table) => check(view, table));
const ofEvidence = (check: (view: View, table: Resource) => Finding[]) => (view: View) =>
  view.strict ? ofTables(check)(view) : [];

export const DYNAMODB_RULES: Rule[] = [
  {
    id: "table-capacity",
    severity: "medium",
    title: "A table's capacity follows the load",
    reason: "A fixed capacity that is used up refuses writes: records would be lost.",
    fix: "Leave billingMode at PAY_PER_REQUEST.",
    mapping: ["DynamoDB.1"],
    check: ofTables((view, table) =>
      expectThat(view, table, "billingMode", (mode) => mode === "PAY_PER_REQUEST", "expected PAY_PER_REQUEST"),
    ),
  },
  {
    id: "table-recovery",
    severity: "medium",
    title: "prod's tables can be brought back as they were at any second",
    reason: "IAM cannot demand that a put overwrites nothing: recovery is the remedy when a function is taken over.",
    fix: "Set pointInTimeRecovery.enabled of the table.",
    mapping: ["DynamoDB.2", "AwsSolutions-DDB3", "CKV_AWS_28"],
    check: ofEvidence((view, table) => [
      ...expectThat(
        view,
        table,
        "pointInTimeRecovery.enabled",
        (value) => value === true,
        "expected point-in-time recovery",
      ),
      // 35 days unless it is stated: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html
      ...expectThat(
        view,
        table,
        "pointInTimeRecovery.recoveryPeriodInDays",
        (days) => days === undefined || days === 35,
        "expected the longest period, 35 days",
      ),
    ]),
  },
  {
    id: "table-backed-up",
    severity: "low",
    title: "prod's tables are in a backup plan",
    reason: "Point-in-time recovery reaches back 35 days and goes with the account.",
    fix: "Add aws.backup.Plan and aws.backup.Selection with the table's ARN.",
    mapping: ["DynamoDB.4"],
    check: ofEvidence((view, table) =>
      view
        .all("aws:backup/selection:Selection")
        .some((selection) => rawList(selection, "resources").some((one) => targetOf(view, one)?.resource === table))
        ? []
        : [found(table, "@", "expected a selection of a backup plan")],
    ),
  },
  {
    id: "table-deletion-protection",
    severity: "medium",
    title: "prod's tables refuse to be deleted",
    reason: "One mistaken deployment would delete all records.",
    fix: "Set deletionProtection of the table.",
    mapping: ["DynamoDB.6"],
    check: ofEvidence((view, table) =>
      expectThat(view, table, "deletionProtectionEnabled", (value) => value === true, "expected deletion protection"),
    ),
  },
  {
    id: "table-kept",
    severity: "high",
    title: "prod's tables outlive the stage",
    reason: "Evidence that goes with `sst remove` goes when it is needed.",
    fix: "Set options.retainOnDelete in transform.table.",
    check: ofEvidence((view, table) => expectKept(view, table, "the table")),
  },
  {
    id: "table-key",
    severity: "medium",
    title: "A table is encrypted with a key of DynamoDB's own, or with one that rotates and is kept",
    reason: "Evidence is gone with its key.",
    fix: "Leave serverSideEncryption out, or name a key of this deployment.",
    check: ofTables((view, table) => {
      const key = raw(table, "serverSideEncryption.kmsKeyArn");
      if (key === undefined) return [];
      const target = targetOf(view, key)?.resource;
      if (target?.type !== "aws:kms/key:Key")
        return [found(table, "serverSideEncryption.kmsKeyArn", "expected a key of this deployment")];
      return view.strict ? expectKept(view, target, "the table's key") : [];
    }),
  },
  {
    id: "table-stream",
    severity: "low",
    title: "A table has a stream only where something reads it",
    reason: "A stream is a copy of every event for whoever may read streams.",
    fix: "Leave stream out.",
    check: ofTables((view, table) => {
      const read = view.all("aws:lambda/eventSourceMapping:EventSourceMapping").length > 0;
      return expectThat(view, table, "streamEnabled", (value) => value !== true || read, "expected no stream");
    }),
  },
  {
    id: "granted-index-exists",
    severity: "low",
    title: "An index that a function may query is one that the table has",
    reason: "A query of an index that is gone fails, and whoever repairs it in a hurry permits too much.",
    fix: "Declare the index, or take it out of the function's permissions.",
    check: (view) =>
      statementsOf(view, "identity").flatMap(({ resource, path, resources }) =>
        resources.flatMap((text) => {
          const [, urn = "", index] = /^\$\{([^}]+)#arn\}\/index\/([^*]+)$/.exec(text) ?? [];
          const table = view.get(urn);
          if (index === undefined || table === undefined) return [];
          const declared = [...rawList(table, "globalSecondaryIndexes"), ...rawList(table, "localSecondaryIndexes")];
          const has = declared.some((one) => one !== null && isObject(one) && one.name === index);
          return has ? [] : [found(resource, `${path}.Resource`, `${table.name} has no index "${index}"`)];
        }),
      ),
  },
  {
    id: "table-expiry",
    severity: "low",
    title: "A table's items expire",
    reason: "Who did what is personal data: it is kept for as long as docs say, not for good.",
    fix: "Set ttl of the table to the attribute expiresAt.",
    check: ofTables((view, table) => [
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
