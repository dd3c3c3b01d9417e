import { declaredTables as tablesOf } from "../../../../../../packages/functions/test/declared-tables";

/** The table of the sample noun: no graph declares it. */
const NOTES = {
  name: "Notes-dev",
  hashKey: "pk",
  rangeKey: "sk",
  attributes: [
    { name: "pk", type: "S" as const },
    { name: "sk", type: "S" as const },
  ],
  globalSecondaryIndexes: [],
  localSecondaryIndexes: [],
};

export function declaredTables() {
  return tablesOf([NOTES]);
}
