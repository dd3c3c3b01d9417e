import process from "node:process";

import { main } from "./cli";

process.stdout.on("error", () => process.exit(1)); // the reader closed the pipe and has not seen the verdict

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.env.INIT_CWD ?? process.cwd(),
  today: new Date().toISOString().slice(0, 10),
});
