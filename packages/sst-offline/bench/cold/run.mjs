// Makes one cold start: imports a bundle, invokes it once, and prints the milliseconds of each
// step.
import { readFileSync } from "node:fs";
import process from "node:process";

const [bundle = "", exportName = "", eventFile = ""] = process.argv.slice(2);
const event = JSON.parse(readFileSync(eventFile, "utf8"));
const context = { awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd", getRemainingTimeInMillis: () => 9000 };
const print = console.log;
for (const level of /** @type {const} */ (["debug", "info", "log", "warn"])) console[level] = () => {};

const start = performance.now();
const { [exportName]: handler } = await import(bundle);
const imported = performance.now();
const { statusCode, body } = await handler(event, context);
const invoked = performance.now();
print(JSON.stringify({ importMs: imported - start, invokeMs: invoked - imported, statusCode, body }));
process.exit();
