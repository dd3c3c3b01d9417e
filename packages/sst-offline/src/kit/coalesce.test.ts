import { expect, it } from "vitest";

import { coalesce } from "./coalesce";

/** Creates a task whose runs end when `end` is called. */
function createSteppedTask() {
  const ends: (() => void)[] = [];
  let [running, most] = [0, 0];
  const task = async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
  };
  const end = async () => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { task, end, runs: () => ends.length, most: () => most };
}

it("requests during a run lead to one more run", async () => {
  const { task, end, runs, most } = createSteppedTask();
  const coalesced = coalesce(task, () => {});
  for (let n = 0; n < 5; n++) coalesced.request();
  await end();
  expect(runs()).toBe(1);
  await end();
  expect([runs(), most()]).toEqual([0, 1]);
  coalesced.request();
  expect(runs()).toBe(1);
  await end();
});

it("a run that fails is reported, and the next request runs again", async () => {
  const errors: string[] = [];
  let runs = 0;
  const coalesced = coalesce(
    async () => {
      if (++runs === 1) throw new Error("no");
    },
    ({ message }) => errors.push(message),
  );
  coalesced.request();
  await new Promise(setImmediate);
  coalesced.request();
  await coalesced.close();
  expect([runs, errors]).toEqual([2, ["no"]]);
});

it("closing waits for the run in progress, and drops pending requests", async () => {
  const { task, end, runs } = createSteppedTask();
  const coalesced = coalesce(task, () => {});
  coalesced.request();
  coalesced.request();
  let isClosed = false;
  const closed = coalesced.close().then(() => {
    isClosed = true;
  });
  await new Promise(setImmediate);
  expect(isClosed).toBe(false);
  await end();
  await closed;
  coalesced.request();
  expect(runs()).toBe(0);
});
