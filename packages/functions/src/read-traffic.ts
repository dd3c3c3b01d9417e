import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as operations from "@secure-backend/core/traffic/operations";
import { trafficOver } from "@secure-backend/core/traffic/query";
import type { TrafficStore } from "@secure-backend/core/traffic/store";

import { awsClientConfig, REQUEST_LIMITS } from "./aws-client";
import { variable } from "./environment";
import { implement, serve } from "./serve";
import { dynamoTrafficStore } from "./traffic-store";

/** @param now epoch milliseconds */
export function readTraffic(store: TrafficStore, now: () => number) {
  return serve(
    implement(operations.readTraffic, async ({ query }) => ({
      status: 200,
      body: await trafficOver(query, store, now()),
    })),
  );
}

export const handler = readTraffic(
  dynamoTrafficStore(new DynamoDBClient(awsClientConfig(REQUEST_LIMITS)), variable("TRAFFIC_TABLE")),
  Date.now,
);
