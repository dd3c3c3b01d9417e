import process from "node:process";

import { main } from "./text/cli";

process.exitCode = await main(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr });
