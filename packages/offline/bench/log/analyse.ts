// Reads the files that it is given as `pnpm ops report` does; prints the report, and to stderr the peak of its memory in KiB.
import process from "node:process";

import { analyseAccessLog } from "@secure-backend/core/access-log/analysis/analyse";

import { fileInput, linesOf } from "../../../ops/src/report/source";

const { signal } = new AbortController();
const analysis = analyseAccessLog();
const inputs = await Promise.all(process.argv.slice(2).map((file) => fileInput(file, signal)));
for await (const chunk of linesOf(inputs)) analysis.push(chunk);
console.log(JSON.stringify(analysis.finish()));
console.error(process.resourceUsage().maxRSS);
