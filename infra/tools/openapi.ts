import process from "node:process";

import { main } from "./openapi/cli";

process.exitCode = await main(process.argv.slice(2), process);
