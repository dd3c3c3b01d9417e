/// <reference path="../../../../.sst/platform/config.d.ts" />

export default $config({
  app: () => ({ name: "fixture", home: "aws", removal: "remove", providers: { aws: { region: "eu-west-1" } } }),
  async run() {
    const api = new sst.aws.ApiGatewayV2("Api");
    const originSecret = new sst.Secret("OriginSecret");
    const router = new sst.aws.Router("Edge", {
      waf: { rateLimitPerIp: 2000, logging: true },
      routes: {
        "/*": {
          url: api.url,
          edge: {
            viewerRequest: {
              injection: $interpolate`event.request.headers["x-origin-secret"] = { value: "${originSecret.value}" };`,
            },
          },
        },
      },
    });
    return { url: router.url };
  },
});
