import { STAGE_NAMES, stagePolicy } from "../../stage";
import { code, page, table } from "./markdown";

export function stagesPage(): string {
  const columns = STAGE_NAMES.map((stage) => new Map(valuesOf(stagePolicy(stage))));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return page(
    "Stages",
    "[`infra/stage.ts`](../../infra/stage.ts), which explains each value",
    table(
      ["", ...STAGE_NAMES],
      names.map((name) => [code(name), ...columns.map((column) => column.get(name) ?? "")]),
    ),
  );
}

/** Returns the values of a stage, each with its path, such as `alarms.recipients`. */
function valuesOf(value: unknown, name = ""): [name: string, value: string][] {
  if (typeof value !== "object" || value === null) return [[name, String(value)]];
  const parts = Object.entries(value);
  if (Array.isArray(value) || parts.length === 0) return [[name, parts.map(([, part]) => part).join(", ") || "none"]];
  return parts.flatMap(([key, part]) => valuesOf(part, name === "" ? key : `${name}.${key}`));
}
