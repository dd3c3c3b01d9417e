import { expect, it } from "vitest";

import { insightsCommand } from "./insights-command";

const ID = "d98b96da-507f-4852-855d-5d695750fa0f";

it("asks for a quarter of an hour", () => {
  expect(insightsCommand(ID, 1_800_000_000_500, "eu-west-1")).toContain(
    "--start-time 1799999940 --end-time 1800000900",
  );
});

it.each([["'; rm -rf ~ #"], [`${ID}'`], [""], ["$(id)"]])("puts %j into no command", (id) => {
  expect(insightsCommand(id, 0, "eu-west-1")).toBeUndefined();
});
