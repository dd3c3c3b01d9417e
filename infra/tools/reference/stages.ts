import { STAGE_NAMES, stagePolicy } from "../../stage";
import { code, page, table } from "./markdown";

export function stagesPage(): string {
  const columns = STAGE_NAMES.map((stage) => new Map(valuesOf(stagePolicy(stage))));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return page(
    "Stages",
    "[`infra/stage.ts`](../../infra/stage.ts), which says what each value means",
    table(
      ["", ...STAGE_NAMES],
      names.map((name) => [code(name), ...columns.map((column) => column.get(name) ?? "")]),
    ),
  );
}

/** The values of a row, each with its path: `alarms.recipients` for one inside another. */
function valuesOf(value: unknown, name = ""): [name: string, value: string][] {
  if (typeof value !== "object" || value === null) return [[name, String(value)]];
  const parts = Object.entries(value);
  if (Array.isArray(value) || parts.length === 0) return [[name, parts.map(([, part]) => part).join(", ") || "none"]];
  return parts.flatMap(([key, part]) => valuesOf(part, name === "" ? key : `${name}.${key}`));
}
