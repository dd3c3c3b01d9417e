/// <reference path="../../../../.sst/platform/config.d.ts" />

export default $config({
  app: () => ({ name: "fixture", home: "aws", removal: "remove", providers: { aws: { region: "eu-west-1" } } }),
  async run() {
    const group = new aws.cloudwatch.LogGroup("Source", { name: "/fixture/source", retentionInDays: 30 });
    const deadLetters = new sst.aws.Queue("DeadLetters");
    const consumer = new sst.aws.Function("Consumer", {
      handler: "src/consumer.handler",
      transform: { function: { deadLetterConfig: { targetArn: deadLetters.arn } } },
    });
    const permission = new aws.lambda.Permission("InvokedByLogs", {
      action: "lambda:InvokeFunction",
      function: consumer.name,
      principal: "logs.amazonaws.com",
      sourceArn: $interpolate`${group.arn}:*`,
    });
    new aws.cloudwatch.LogSubscriptionFilter(
      "Subscription",
      { logGroup: group.name, destinationArn: consumer.arn, filterPattern: "" },
      { dependsOn: [permission] },
    );
  },
});
