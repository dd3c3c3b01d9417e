import { stagePolicy } from "../stage";
import type { Grant } from "./grant";
import { physicalName } from "./physical-name";

type Args = Pick<sst.aws.DynamoArgs, "primaryIndex" | "ttl"> & {
  fields: Record<string, "string" | "number" | "binary">;
  globalIndexes?: Record<string, { hashKey: string; rangeKey?: string; projection?: "all" | "keys-only" | string[] }>;
};

/**
 * Actions on items:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
type Action =
  | "GetItem"
  | "BatchGetItem"
  | "Query"
  | "Scan"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "BatchWriteItem";
type Actions = [Action, ...Action[]];
const INDEX_ACTIONS: Action[] = ["Query", "Scan"];

export interface SecureTable<Index extends string> {
  dynamo: sst.aws.Dynamo;
  /**
   * Lets a function do this with the table, and tells it the table's name.
   *
   * @param variable environment variable with the name of the table
   * @param indexes that the function may query or scan as well: permissions for a table do not
   *   include them
   */
  grant(variable: string, actions: Actions, options?: { indexes?: Index[] }): Grant;
}

/**
 * Creates a table `<prefix><name>-<stage>`, billed on demand. The stage's settings for evidence
 * and recovery apply to every table.
 *
 * The table is encrypted with a key that DynamoDB owns. A key in KMS would show each use of it in
 * CloudTrail, but every function would need a permission to decrypt, and the data is lost with the
 * key.
 */
export function secureTable<const A extends Args>(
  name: string,
  args: A & Record<Exclude<keyof A, keyof Args>, never>,
): SecureTable<keyof A["globalIndexes"] & string> {
  const { keepEvidence, pointInTimeRecovery } = stagePolicy($app.stage);
  const dynamo = new sst.aws.Dynamo(name, {
    ...args,
    deletionProtection: keepEvidence,
    transform: {
      table: (table, options) => {
        table.name = physicalName(name);
        table.pointInTimeRecovery = { enabled: pointInTimeRecovery };
        options.retainOnDelete = keepEvidence;
      },
    },
  });
  return {
    dynamo,
    grant(variable, actions, { indexes = [] } = {}) {
      const [first, ...others] = actions.filter((action) => INDEX_ACTIONS.includes(action));
      if (indexes.length > 0 && first === undefined)
        throw new Error(`table ${name}: ${variable} names indexes, but neither Query nor Scan is among the actions`);
      const permissions: Grant["permissions"] = [{ actions: namesOf(actions), resources: [dynamo.arn] }];
      if (indexes.length > 0 && first !== undefined) {
        const resources = indexes.map((index) => $interpolate`${dynamo.arn}/index/${index}`);
        permissions.push({ actions: namesOf([first, ...others]), resources });
      }
      return {
        variable,
        value: dynamo.name,
        permissions,
        table: { name, tableName: dynamo.name },
      };
    },
  };
}

function namesOf([first, ...others]: Actions): [string, ...string[]] {
  return [`dynamodb:${first}`, ...others.map((action) => `dynamodb:${action}`)];
}
