import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

/** Environment variables that the SDK needs to call a service on loopback. */
export const CREDENTIALS = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_MAX_ATTEMPTS: "1",
};

/** Starts DynamoDB in memory, with a table whose keys are `pk` and `sk` by default. */
export async function dynamo(table: string, keys: [string, string?] = ["pk", "sk"]) {
  const server = dynalite({ createTableMs: 0 });
  const endpoint = await listen(server);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({ endpoint, region: "eu-west-1", credentials });
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" })),
    }),
  );
  const close = async () => {
    client.destroy();
    server.close();
    await once(server, "close");
  };
  return { client, endpoint, close };
}

/**
 * Starts a service with the AWS JSON protocol. `serve` returns the response to an operation and its
 * input, or "nothing" to never respond.
 */
export async function awsJson(
  serve: (operation: string, input: never) => { status: number; body: unknown } | "nothing",
) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const result = serve(operation, JSON.parse(Buffer.concat(chunks).toString()) as never);
    if (result === "nothing") return;
    const { status, body } = result;
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
  });
  const endpoint = await listen(server);
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { endpoint, close };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
