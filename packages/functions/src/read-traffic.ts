import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TrafficAnswer } from "@secure-backend/core/traffic/answer";
import { trafficOver } from "@secure-backend/core/traffic/query";

import { variable } from "./environment";
import { dynamoTrafficStore } from "./traffic-store";

const store = dynamoTrafficStore(new DynamoDBClient({}), variable("TRAFFIC_TABLE"));

/** The body of `GET /traffic`. Throws an `AppError` of kind `input`. */
export async function readTraffic(query: Record<string, string>, now: number): Promise<TrafficAnswer> {
  return trafficOver(query, store, now);
}
