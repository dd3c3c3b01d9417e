import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a request of the console", () => {
  /** Never responds; rejects on abort. */
  const silent = (_url: string, { signal }: { signal: AbortSignal }) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

  it("fails with a timeout, not with advice about CORS, if no response arrives", async () => {
    vi.stubGlobal("addEventListener", () => {}); // of a browser's window
    const { createApi } = await import("./api");
    const { session } = await import("./session");
    session.set({ token: "token" });
    vi.stubGlobal("fetch", silent);
    const api = createApi("https://api.example.com", 20);
    await expect(api.traffic({}, new AbortController().signal)).rejects.toMatchObject({
      name: "ApiError",
      message: "No response within 0.02 seconds.",
    });
    const abort = new AbortController();
    const aborted = api.traffic({}, abort.signal);
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    session.set({});
  });
});
