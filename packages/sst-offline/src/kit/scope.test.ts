import { expect, it } from "vitest";

import { openScope, startInScope } from "./scope";

it("a scope stops everything once, in reverse order, even if one stop fails", async () => {
  const stopped: string[] = [];
  const scope = openScope();
  scope.defer(() => void stopped.push("first"));
  scope.defer(() => {
    throw new Error("second");
  });
  scope.defer(async () => void stopped.push("third"));
  const closings = [scope.close(), scope.close()];
  await expect(closings[0]).rejects.toThrow("second");
  await expect(closings[1]).rejects.toThrow("second");
  expect(stopped).toEqual(["third", "first"]);
});

it("a start that throws stops what it has started, and reports its own error", async () => {
  const stopped: string[] = [];
  const failed = startInScope((scope) => {
    scope.defer(() => void stopped.push("a"));
    scope.defer(() => Promise.reject(new Error("while stopping")));
    throw new Error("while starting");
  });
  await expect(failed).rejects.toThrow("while starting");
  expect(stopped).toEqual(["a"]);
});

it("a start that succeeds leaves its scope open", async () => {
  let stops = 0;
  const scope = await startInScope((opened) => {
    opened.defer(() => void stops++);
    return opened;
  });
  expect(stops).toBe(0);
  await scope.close();
  expect(stops).toBe(1);
});
