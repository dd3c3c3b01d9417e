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
    "Access log",
    "[`fields.ts`](../../packages/platform/src/access-log/fields.ts), which also makes the format string and the parser",
    "A line is one JSON object. API Gateway writes `-` for what a request does not have; the parser leaves it out.",
    table(["field", "variable", "value", "meaning"], rows),
  );
}
