import path from "node:path";

import { REPOSITORY } from "@backend/sst-graph/command-line";
import type { Graph } from "@backend/sst-graph/graph";
import { loadGraph } from "@backend/sst-graph/load";
import { graphFile } from "@backend/sst-graph/stages";

import { STAGE_NAMES } from "../../stage";
import { accessLogPage } from "./access-log";
import { costsPage } from "./costs";
import { dynamoDbPage } from "./dynamodb";
import { grantsPage } from "./grants";
import { policyRulesPage } from "./policy-rules";
import { routesPage } from "./routes";
import { stagesPage } from "./stages";

/** Folder of the generated pages. `pnpm reference` deletes other files in it. */
export const REFERENCE_FOLDER = path.join(REPOSITORY, "docs/reference");

/** Returns the text of each page, by file name. */
export function referencePages(): Map<string, string> {
  const graphs = STAGE_NAMES.map((stage): Graph => loadGraph(graphFile(REPOSITORY, stage)));
  return new Map([
    ["access-log.md", accessLogPage()],
    ["costs.md", costsPage(graphs)],
    ["dynamodb.md", dynamoDbPage()],
    ["grants.md", grantsPage(graphs)],
    ["policy-rules.md", policyRulesPage()],
    ["routes.md", routesPage(graphs)],
    ["stages.md", stagesPage()],
  ]);
}
