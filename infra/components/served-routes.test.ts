import { expect, it } from "vitest";

import type { SecureApi } from "./secure-api";
import type { SecureFunction } from "./secure-function";
import type { SecureTable } from "./secure-table";

interface Orders {
  "POST /orders": "orders/write";
  "GET /orders": "orders/read";
}
interface Greeting {
  "GET /hello": "public";
  "POST /hello": "public";
}

// The type checker of `pnpm check` runs these: an expected error that does not come is an error.
function expectErrors(api: SecureApi, orders: SecureFunction<Orders>, greeting: SecureFunction<Greeting>): void {
  api.serve(orders, { "POST /orders": "orders/write", "GET /orders": "orders/read" });
  api.serve(greeting, { "ANY /hello": "public" });
  api.serve(greeting, { "GET /hello": "public", "POST /hello": "public" });

  // @ts-expect-error: an operation that the function implements has no route
  api.serve(orders, { "POST /orders": "orders/write" });
  // @ts-expect-error: the function does not implement an operation of this key
  api.serve(orders, { "POST /orders": "orders/write", "GET /orders": "orders/read", "PUT /orders": "orders/write" });
  // @ts-expect-error: the operation has another permission
  api.serve(orders, { "POST /orders": "orders/read", "GET /orders": "orders/read" });
  // @ts-expect-error: an operation with a permission is not public
  api.serve(orders, { "POST /orders": "public", "GET /orders": "orders/read" });
  // @ts-expect-error: operations of one ANY route must share a permission
  api.serve(orders, { "ANY /orders": "orders/write" });
  // @ts-expect-error: nothing is known of the operations of such a function
  api.serve({} as SecureFunction<Record<string, string>>, { "GET /hello": "public" });
  // @ts-expect-error: the path has a misspelling
  api.serve(greeting, { "ANY /helo": "public" });
}

function expectGrantErrors(table: SecureTable<"byOwner">): void {
  table.grant("ORDERS_TABLE", ["Query"], { indexes: ["byOwner"] });

  // @ts-expect-error: a grant needs the variable that tells the function the table's name
  table.grant(["Query"]);
  // @ts-expect-error: a grant without actions
  table.grant("ORDERS_TABLE", []);
  // @ts-expect-error: a table has no such action
  table.grant("ORDERS_TABLE", ["DeleteTable"]);
  // @ts-expect-error: the table has no such index
  table.grant("ORDERS_TABLE", ["Query"], { indexes: ["byCustomer"] });
}

it("is checked by the compiler", () => {
  expect([expectErrors, expectGrantErrors]).toHaveLength(2);
});
