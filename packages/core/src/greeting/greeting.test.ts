import { parse } from "@backend/platform/input";
import { describe, expect, it } from "vitest";
import { greet, hello, NewGreeting } from "./greeting";

const origin = { requestId: "JCJM3j95PHcEJHg=", stage: "dev" };

describe("hello", () => {
  it("greets the world, with the request id and the stage", () => {
    expect(hello(origin)).toEqual({ message: "Hello World", ...origin });
  });
});

describe("greet", () => {
  it.each([
    ["a name", "Ada", "Hello Ada"],
    ["a name with spaces around it", "  Ada Lovelace\n", "Hello Ada Lovelace"],
    ["a name in any script", "阿达", "Hello 阿达"],
    ["100 characters", "a".repeat(100), `Hello ${"a".repeat(100)}`],
    ["100 characters of two code units each", "😀".repeat(100), `Hello ${"😀".repeat(100)}`],
  ])("greets %s", (_title, name, message) => {
    expect(greet(parse(NewGreeting, { name }), origin)).toEqual({ message, ...origin });
  });

  it.each([
    ["no name", {}, "/name is required"],
    ["a number", { name: 1 }, "/name must be a string"],
    ["an empty name", { name: "" }, "/name must not be empty"],
    ["a blank name", { name: " \t" }, "/name must not be empty"],
    ["101 characters", { name: "a".repeat(101) }, "/name must have at most 100 characters"],
    ["a line break inside", { name: "a\nb" }, "/name must not have control characters"],
    ["half a surrogate pair", { name: "a\ud83d" }, "/name must not have control characters"],
    ["an unknown property", { name: "Ada", admin: true }, "/admin is not a known property"],
    ["a string instead of an object", "Ada", "the input must be an object"],
  ])("rejects %s", (_title, input, message) => {
    expect(() => parse(NewGreeting, input)).toThrow(message);
  });
});
