/**
 * Route keys that anyone may call. List a public operation here as well: opening a route takes two
 * edits.
 */
export const PUBLIC_ROUTES = ["ANY /SecureBackendFunction", "GET /openapi.json"] as const;

/** Tables whose items nobody may change or delete, by their names in `secureTable`. */
export const APPEND_ONLY_TABLES: string[] = [
  "Audit", // #line audit
  // Add others here.
];

/** Names of tags that every resource must carry. */
export const REQUIRED_TAGS = ["app", "stage", "owner", "cost-center", "repository"];
