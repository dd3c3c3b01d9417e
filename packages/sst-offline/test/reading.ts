import path from "node:path";

import { loadGraph } from "@backend/sst-graph/load";

import { type Deployment, readDeployment } from "../src/deployment/deployment";
import type { FixtureProject } from "./project";

const ADDRESSES = {
  origin: "http://127.0.0.1:3000",
  endpointUrl: "http://127.0.0.1:3001",
};

/** Reads the graph of a project, without starting anything. */
export function readFixture({ folder }: FixtureProject): Deployment {
  return readDeployment(loadGraph(path.join(folder, "infra/graph/dev.json")), ADDRESSES);
}
