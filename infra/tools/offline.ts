import { run } from "@backend/sst-offline/run";

import { OFFLINE_APP } from "./offline-app";

await run(OFFLINE_APP);
