import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { awsClientConfig, BACKGROUND_LIMITS } from "../lambda/aws-client";
import { variable } from "../lambda/environment";
import { dynamoTrafficStore } from "../lambda/traffic-store";
import { compact } from "../traffic/compact";

const store = dynamoTrafficStore(new DynamoDBClient(awsClientConfig(BACKGROUND_LIMITS)), variable("TRAFFIC_TABLE"));

/** Runs on a schedule. If it times out, the next run continues. */
export async function handler(): Promise<void> {
  const start = Date.now();
  await compact(store, start);
  console.info({ durationMs: Date.now() - start });
}
