import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a request of the console", () => {
  /** Answers never, unless it is given up. */
  const silent = (_url: string, { signal }: { signal: AbortSignal }) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

  it("that is not answered ends with words for it, and not with those for CORS", async () => {
    vi.stubGlobal("addEventListener", () => {}); // of a browser's window; there is no sessionStorage either
    const { createApi } = await import("./api");
    const { session } = await import("./session");
    session.set({ token: "token" });
    vi.stubGlobal("fetch", silent);
    const api = createApi("https://api.example.com", 20);
    await expect(api.traffic({}, new AbortController().signal)).rejects.toMatchObject({
      name: "ApiError",
      message: "There was no answer within 0.02 seconds.",
    });
    const abort = new AbortController();
    const given = api.traffic({}, abort.signal);
    abort.abort();
    await expect(given).rejects.toMatchObject({ name: "AbortError" });
    session.set({});
  });
});
