import { describe, expect, it } from "vitest";

import { createThrottle } from "./throttle";

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html: the token bucket algorithm.
describe("a throttle of 10 requests a second with a burst of 3", () => {
  const start = () => {
    let time = 1000;
    const admit = createThrottle({ rateLimit: 10, burstLimit: 3 }, () => time);
    const take = (count: number) => Array.from({ length: count }, () => admit("GET /a"));
    return { admit, take, after: (ms: number) => (time += ms) };
  };

  it("admits the burst at once, not one more", () => {
    expect(start().take(4)).toEqual([true, true, true, false]);
  });

  it("admits one more after a tenth of a second, not before", () => {
    const { take, after } = start();
    take(3);
    after(99);
    expect(take(1)).toEqual([false]);
    after(1);
    expect(take(2)).toEqual([true, false]);
  });

  it("keeps no more than the burst, however long nobody comes", () => {
    const { take, after } = start();
    take(3);
    after(3_600_000);
    expect(take(4)).toEqual([true, true, true, false]);
  });

  it("admits the rate over ten seconds of steady load", () => {
    const { take, after } = start();
    let admitted = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      admitted += take(1).filter(Boolean).length;
      after(10);
    }
    expect(admitted).toBe(10 * 10 + 3 - 1); // the burst, and what flowed in until the last request
  });

  it("counts each route for itself", () => {
    const { admit, take } = start();
    take(4);
    expect(admit("GET /b")).toBe(true);
  });
});

it("no limits admit all", () => {
  const admit = createThrottle(undefined, () => 0);
  expect(Array.from({ length: 1000 }, () => admit("GET /a"))).not.toContain(false);
});
