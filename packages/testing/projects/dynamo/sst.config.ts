/// <reference path="../../../../.sst/platform/config.d.ts" />

export default $config({
  app: () => ({ name: "fixture", home: "aws", removal: "remove", providers: { aws: { region: "eu-west-1" } } }),
  async run() {
    const table = new sst.aws.Dynamo("Audit", {
      fields: { pk: "string", sk: "string", actor: "string" },
      primaryIndex: { hashKey: "pk", rangeKey: "sk" },
      globalIndexes: { byActor: { hashKey: "actor", rangeKey: "sk", projection: "keys-only" } },
      ttl: "expiresAt",
    });
    const reader = new sst.aws.Function("Reader", {
      handler: "src/reader.handler",
      environment: { TABLE_NAME: table.name },
      permissions: [{ actions: ["dynamodb:Query"], resources: [table.arn, $interpolate`${table.arn}/index/byActor`] }],
    });
    return { table: table.name, reader: reader.arn };
  },
});
