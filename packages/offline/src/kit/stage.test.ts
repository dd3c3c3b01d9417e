import { UsageError } from "@secure-backend/graph/usage-error";
import { expect, it } from "vitest";

import { checkStage } from "./stage";

it.each(["dev", "prod", "ada-2", "A"])("%s is a stage", (stage) => {
  expect(checkStage(stage)).toBe(stage);
});

it.each([
  "",
  ".",
  "..",
  "dev/../prod",
  "../../x",
  "/etc",
  "a b",
  "a.b",
  "dev\n",
  "dev\u001b[31m",
  "\\",
  "é",
  "x".repeat(129),
])("%j is not a stage", (stage) => expect(() => checkStage(stage)).toThrow(UsageError));
