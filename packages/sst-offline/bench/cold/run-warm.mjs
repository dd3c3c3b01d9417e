// Measures later invocations in microseconds, as the median of 20 runs of 5,000. Also measures a
// handler that does nothing.
import { readFileSync } from "node:fs";
import process from "node:process";

const [bundle = "", exportName = "", eventFile = ""] = process.argv.slice(2);
const event = JSON.parse(readFileSync(eventFile, "utf8"));
const context = { awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd", getRemainingTimeInMillis: () => 9000 };
const print = console.log;
let logged = 0;
console.info = (record) => {
  logged += JSON.stringify(record).length; // as the runtime would write it
};

const { [exportName]: handler } = await import(bundle);
const bare = async () => ({ statusCode: 201 });
await measure(bare);
await measure(handler);
const [bareUs, us] = [await measure(bare), await measure(handler)];
const { statusCode, body } = await handler(event, context);
print(JSON.stringify({ us, bareUs, statusCode, body, logged }));
process.exit();

/** @param {(event: unknown, context: unknown) => Promise<unknown>} invoked */
async function measure(invoked) {
  const runs = [];
  for (let run = 0; run < 20; run++) {
    const start = performance.now();
    for (let count = 0; count < 5000; count++) await invoked(event, context);
    runs.push((performance.now() - start) / 5);
  }
  return runs.sort((a, b) => a - b)[10];
}
