import process from "node:process";

import { main } from "@backend/sst-graph/cli";
import { REPOSITORY } from "@backend/sst-graph/repository";

import { writeOpenApi } from "./openapi/write";

// `pnpm synth`: writes this app's OpenAPI document after its graphs.
process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.env.INIT_CWD ?? process.cwd(),
  afterWrite: (project) => (project === REPOSITORY ? writeOpenApi(project) : undefined),
});
