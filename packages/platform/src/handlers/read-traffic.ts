import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { awsClientConfig, REQUEST_LIMITS } from "../lambda/aws-client";
import { variable } from "../lambda/environment";
import { implement, serve } from "../lambda/serve";
import { dynamoTrafficStore } from "../lambda/traffic-store";
import * as operations from "../traffic/operations";
import { trafficOver } from "../traffic/query";
import type { TrafficStore } from "../traffic/store";

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
