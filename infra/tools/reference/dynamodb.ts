import { OPERATIONS, type Operation } from "@backend/sst-offline/dynamodb/operations";

import { code, page, table } from "./markdown";

export function dynamoDbPage(): string {
  const namesOf = new Map<string, string[]>();
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const handling = handlingOf(operation);
    namesOf.set(handling, [...(namesOf.get(handling) ?? []), code(name)]);
  }
  return page(
    "DynamoDB operations offline",
    "`packages/sst-offline/src/dynamodb/operations.ts`",
    "A rejected operation returns `UnknownOperationException` with the reason. [DynamoDB offline](../dynamodb.md)\n" +
      "says how the served operations differ from AWS.",
    table(
      ["operations", "offline"],
      [...namesOf].map(([handling, names]) => [names.join(", "), handling]),
    ),
  );
}

function handlingOf(operation: Operation): string {
  if ("rejected" in operation) return `rejected: ${operation.rejected}`;
  return operation.served === "items" ? "served" : "served from the graph";
}
