// A handler with a typical stack: zod with its default import, Powertools' logger, middy and the
// document client.
import { Logger } from "@aws-lambda-powertools/logger";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import middy from "@middy/core";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { z } from "zod";

const logger = new Logger({ serviceName: "typical" });
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const TableName = process.env.TABLE;

const schema = z.strictObject({
  type: z.string().max(100),
  id: z.string(),
  size: z.string(),
});

export const put = middy<APIGatewayProxyEventV2>().handler(async (event) => {
  const Item = { pk: "acme#2026-11-23", sk: "1", ...schema.parse(JSON.parse(event.body ?? "")) };
  await client.send(new PutCommand({ TableName, Item, ConditionExpression: "attribute_not_exists(sk)" }));
  logger.info("stored");
  return { statusCode: 201, body: JSON.stringify(Item) };
});

export const query = middy().handler(async () => {
  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": "acme#2026-11-23" },
    }),
  );
  logger.info("read");
  return { statusCode: 200, body: JSON.stringify(Items) };
});
