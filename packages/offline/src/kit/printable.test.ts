import { expect, it } from "vitest";

import { printable } from "./printable";

it.each([
  ["plain, ünï 😀\n\ttext", "plain, ünï 😀\n\ttext"],
  ["\u001b[31mred\u0007", "\\u001b[31mred\\u0007"],
  ["a\rb\u0000\u007f\u009b", "a\\u000db\\u0000\\u007f\\u009b"],
  ["\u202edcba\u2066\u200b", "\\u202edcba\\u2066\\u200b"],
])("%j is shown as %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});
