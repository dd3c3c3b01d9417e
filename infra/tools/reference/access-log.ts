import { ACCESS_LOG_FIELDS } from "@backend/platform/access-log/fields";

import { code, page, table } from "./markdown";

const KINDS = {
  number: "number",
  numeric: "number in quotes, or `-`",
  text: "text, or `-`",
};

export function accessLogPage(): string {
  const rows = Object.entries(ACCESS_LOG_FIELDS).map(([name, { variable, kind, about }]) => {
    return [code(name), code(`$context.${variable}`), KINDS[kind], about];
  });
  return page(
    "Access-log fields",
    "[`fields.ts`](../../packages/platform/src/access-log/fields.ts), which also defines the format and the parser",
    "Each line of the access log is one JSON object. API Gateway writes `-` for a value that a request\n" +
      "does not have. The parser leaves such fields out.",
    table(["field", "variable", "value", "meaning"], rows),
  );
}
