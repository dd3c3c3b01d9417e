/// <reference path="../../../../.sst/platform/config.d.ts" />

export default $config({
  app: () => ({ name: "fixture", home: "aws", removal: "remove", providers: { aws: { region: "eu-west-1" } } }),
  async run() {
    new sst.aws.CronV2("Compact", { schedule: "rate(1 hour)", function: "src/compact.handler" });
  },
});
