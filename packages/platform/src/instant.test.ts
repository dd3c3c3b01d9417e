import { describe, expect, it } from "vitest";

import { instant } from "./instant";

describe("an instant", () => {
  // ISO 8601, and RFC 3339 for the offset from UTC. Epochs from `date -u -d <text> +%s`.
  it.each([
    ["2026-11-23T09:30:00Z", 1_795_426_200_000],
    ["2026-11-23T09:30:00.250Z", 1_795_426_200_250],
    ["2026-11-23T10:30:00+01:00", 1_795_426_200_000],
    ["2024-02-29T00:00:00Z", 1_709_164_800_000],
  ])("%s is parsed", (text, epoch) => {
    expect(instant.parse(text)).toBe(epoch);
  });

  it.each([
    "",
    "now",
    "1795426200000",
    "2026-11-23",
    "2026-11-23T09:30Z",
    "2026-11-23T09:30:00",
    "2026-11-23 09:30:00Z",
    "2026-02-29T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T09:30:00Z\n",
    " 2026-11-23T09:30:00Z",
    "+012026-11-23T09:30:00Z",
  ])("%j is rejected", (text) => {
    expect(instant.safeParse(text).error?.issues[0]?.message).toBe("must be an instant such as 2026-11-23T09:30:00Z");
  });
});
