import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { authorize, type MachineGrants } from "@secure-backend/core/access/access";
import { trafficOver } from "@secure-backend/core/traffic/query";
import type { TrafficStore } from "@secure-backend/core/traffic/store";

import { awsClientConfig, REQUEST_LIMITS } from "./aws-client";
import { machineGrants, variable } from "./environment";
import { type HttpHandler, http } from "./http";
import { dynamoTrafficStore } from "./traffic-store";

/** `GET /traffic`. */
export function readTraffic(store: TrafficStore, grants: MachineGrants, now: () => number): HttpHandler {
  return http({
    "GET /traffic": async (request) => {
      authorize("traffic/read", request.claims, grants);
      return { status: 200, body: await trafficOver(request.query(), store, now()) };
    },
  });
}

export const handler = readTraffic(
  dynamoTrafficStore(new DynamoDBClient(awsClientConfig(REQUEST_LIMITS)), variable("TRAFFIC_TABLE")),
  machineGrants("MACHINE_GRANTS"),
  Date.now,
);
