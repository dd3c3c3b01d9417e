import { describe, expect, it } from "vitest";

import { createThrottle } from "./throttle";

// The token bucket algorithm:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
describe("a throttle of 10 requests per second with a burst of 3", () => {
  const start = () => {
    let time = 1000;
    const admit = createThrottle({ rateLimit: 10, burstLimit: 3 }, () => time);
    const take = (count: number) => Array.from({ length: count }, () => admit("GET /a"));
    return { admit, take, after: (ms: number) => (time += ms) };
  };

  it("admits exactly the burst at once", () => {
    expect(start().take(4)).toEqual([true, true, true, false]);
  });

  it("admits one more after a tenth of a second", () => {
    const { take, after } = start();
    take(3);
    after(99);
    expect(take(1)).toEqual([false]);
    after(1);
    expect(take(2)).toEqual([true, false]);
  });

  it("never saves up more than the burst", () => {
    const { take, after } = start();
    take(3);
    after(3_600_000);
    expect(take(4)).toEqual([true, true, true, false]);
  });

  it("admits the rate during ten seconds of steady load", () => {
    const { take, after } = start();
    let admitted = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      admitted += take(1).filter(Boolean).length;
      after(10);
    }
    expect(admitted).toBe(10 * 10 + 3 - 1); // the burst, and what flowed in until the last request
  });

  it("counts each route separately", () => {
    const { admit, take } = start();
    take(4);
    expect(admit("GET /b")).toBe(true);
  });
});

it("without limits, every request is admitted", () => {
  const admit = createThrottle(undefined, () => 0);
  expect(Array.from({ length: 1000 }, () => admit("GET /a"))).not.toContain(false);
});
