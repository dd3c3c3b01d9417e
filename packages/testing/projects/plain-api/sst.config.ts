/// <reference path="../../../../.sst/platform/config.d.ts" />

export default $config({
  app: () => ({ name: "fixture", home: "aws", removal: "remove", providers: { aws: { region: "eu-west-1" } } }),
  async run() {
    const api = new sst.aws.ApiGatewayV2("Api");
    api.route("GET /", "index.handler");
  },
});
