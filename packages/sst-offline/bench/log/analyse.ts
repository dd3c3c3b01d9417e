// Analyses the given files like `pnpm ops report`. Prints the report, and its peak memory in KiB to
// stderr.
import process from "node:process";
import { analyseAccessLog } from "@backend/platform/access-log/analysis/analyse";
import { chunksOf, fileInputs, newBuffers } from "../../../ops/src/report/source";

const { signal } = new AbortController();
const analysis = analyseAccessLog();
const buffers = newBuffers();
for (const file of process.argv.slice(2)) {
  for (const input of await fileInputs(file, process.cwd(), signal)) {
    analysis.begin(input.file);
    for await (const chunk of chunksOf(input, buffers)) analysis.push(chunk);
  }
}
console.log(JSON.stringify(analysis.finish()));
console.error(process.resourceUsage().maxRSS);
