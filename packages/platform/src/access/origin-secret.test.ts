import { describe, expect, it } from "vitest";

import { readOriginSecret, readPreviousSecret } from "./origin-secret";

const HEX = "0123456789abcdef".repeat(4);
const read = (value: string) => readOriginSecret("OriginSecret", value);

describe("the edge's secret", () => {
  // `openssl rand -hex 32 | sst secret set ...` stores the line feed at the end of openssl's
  // output.
  it.each([
    ["a line feed", `${HEX}\n`],
    ["a line break of Windows", `${HEX}\r\n`],
    ["spaces", `  ${HEX}  `],
    ["nothing", HEX],
  ])("loses %s at its ends", (_what, value) => {
    expect(read(value)).toBe(HEX);
  });

  it.each([
    ["a line feed inside", `${HEX}\n${HEX}`],
    ["a space inside, which separates two secrets", `${HEX} ${HEX}`],
    ["a tab inside", `${HEX}\t${HEX}`],
    ["a NUL", `${HEX}\0`],
    ["a letter that is not ASCII", `${HEX}é`],
    ["nothing in it", ""],
    ["only white space", " \n"],
  ])("is refused with %s", (_what, value) => {
    expect(() => read(value)).toThrow(/secret OriginSecret: expected 32 to 1783 visible ASCII characters/);
  });

  // 1,783:
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
  it.each([
    [31, false],
    [32, true],
    [1783, true],
    [1784, false],
  ])("with %i characters is accepted: %s", (length, isAccepted) => {
    const value = "x".repeat(length);
    if (isAccepted) expect(read(value)).toBe(value);
    else expect(() => read(value)).toThrow(`found ${length} characters`);
  });

  it("is not part of the error", () => {
    const secret = "hunter2".repeat(4);
    expect(() => read(secret)).toThrow(expect.not.objectContaining({ message: expect.stringContaining("hunter2") }));
  });
});

describe("the secret before it", () => {
  it("is absent where only the placeholder is set", () => {
    expect(readPreviousSecret("PreviousOriginSecret", " ")).toBeUndefined();
  });

  it("obeys the same rules", () => {
    expect(readPreviousSecret("PreviousOriginSecret", `${HEX}\n`)).toBe(HEX);
    expect(() => readPreviousSecret("PreviousOriginSecret", "short")).toThrow(/^secret PreviousOriginSecret: /);
  });
});
