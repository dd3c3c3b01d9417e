import { describe, expect, it, vi } from "vitest";

import { createAsynchronousInvocation } from "./asynchronous";
import type { InvocationResult } from "./environment";
import type { LambdaFunction } from "./function";

const ok: InvocationResult = { ok: true, json: "null" };
const throttled: InvocationResult = { ok: false, errorType: "x", errorMessage: "Rate Exceeded.", isThrottled: true };
const failed: InvocationResult = { ok: false, errorType: "Error", errorMessage: "no" };
const arn = "arn:aws:lambda:eu-west-1:000000000000:function:Fixture-dev";

function setUp(results: InvocationResult[], pausesMs = [0, 0], reservedConcurrency?: number) {
  const invoke = vi.fn(() => ({
    requestId: `request-${invoke.mock.calls.length}`,
    result: Promise.resolve(results.shift() ?? ok),
  }));
  const lambda = { invoke, reservedConcurrency } as unknown as LambdaFunction;
  const sendDeadLetter = vi.fn(async () => {});
  const stop = new AbortController();
  const invokeLater = createAsynchronousInvocation(new Map([[arn, lambda]]), sendDeadLetter, stop.signal, pausesMs);
  return { invoke, invokeLater, lambda, sendDeadLetter, stop };
}

// Two more attempts, then a dead letter:
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
describe("an asynchronous invocation", () => {
  it("is settled when the function succeeds", async () => {
    const { invoke, invokeLater, sendDeadLetter } = setUp([ok]);
    expect(await invokeLater(arn, "{}")).toBe(true);
    expect([invoke.mock.calls.length, sendDeadLetter.mock.calls.length]).toEqual([1, 0]);
  });

  it("is retried twice when the function fails", async () => {
    const { invoke, invokeLater, sendDeadLetter } = setUp([failed, failed, ok]);
    expect(await invokeLater(arn, "{}")).toBe(true);
    expect([invoke.mock.calls.length, sendDeadLetter.mock.calls.length]).toEqual([3, 0]);
  });

  it("becomes a dead letter after three failures", async () => {
    const { invoke, invokeLater, lambda, sendDeadLetter } = setUp([failed, failed, failed]);
    expect(await invokeLater(arn, "{}")).toBe(true);
    expect(invoke).toHaveBeenCalledTimes(3);
    expect(sendDeadLetter.mock.calls).toEqual([[lambda, "{}", { requestId: "request-3", errorMessage: "no" }]]);
  });

  it("waits as long as the function is throttled: that is no attempt", async () => {
    const { invoke, invokeLater, sendDeadLetter } = setUp(
      [throttled, throttled, throttled, failed, failed, ok],
      [0, 0],
      1,
    );
    expect(await invokeLater(arn, "{}")).toBe(true);
    expect([invoke.mock.calls.length, sendDeadLetter.mock.calls.length]).toEqual([6, 0]);
  });

  it("becomes a dead letter at once if the function is stopped", async () => {
    const { invoke, invokeLater, sendDeadLetter } = setUp([throttled], [60_000, 60_000], 0);
    expect(await invokeLater(arn, "{}")).toBe(true);
    expect([invoke.mock.calls.length, sendDeadLetter.mock.calls.length]).toEqual([1, 1]);
  });

  it("stops between attempts", async () => {
    const { invoke, invokeLater, stop } = setUp([failed], [60_000, 60_000]);
    const result = invokeLater(arn, "{}");
    stop.abort();
    expect(await result).toBe(false);
    expect(invoke).toHaveBeenCalledTimes(1);
  });

  it("throws an error that names a missing function", async () => {
    await expect(setUp([]).invokeLater("arn:other", "{}")).rejects.toThrow("arn:other");
  });
});
