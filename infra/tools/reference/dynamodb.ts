import { OPERATIONS, type Operation } from "@backend/sst-offline/dynamodb/operations";

import { code, page, table } from "./markdown";

export function dynamoDbPage(): string {
  const namesOf = new Map<string, string[]>();
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const handling = handlingOf(operation);
    namesOf.set(handling, [...(namesOf.get(handling) ?? []), code(name)]);
  }
  return page(
    "DynamoDB's operations offline",
    "`packages/sst-offline/src/dynamodb/operations.ts`",
    "An operation that is refused answers `UnknownOperationException` with its reason. [dynamodb.md](../dynamodb.md) says\n" +
      "how those that are served differ from AWS.",
    table(
      ["operations", "offline"],
      [...namesOf].map(([handling, names]) => [names.join(", "), handling]),
    ),
  );
}

function handlingOf(operation: Operation): string {
  if ("refused" in operation) return `refused: ${operation.refused}`;
  return operation.served === "items" ? "served" : "served from the graph";
}
