/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app({ stage }) {
    const { stagePolicy, tagsOf } = await import("./infra/stage");
    const { region, removal, protect } = stagePolicy(stage);
    const name = "secure-backend";
    return {
      name,
      home: "aws",
      removal,
      protect,
      providers: { aws: { region, defaultTags: { tags: tagsOf(name, stage) } } },
    };
  },

  async run() {
    const { accessLogFormat } = await import("@secure-backend/core/access-log/format");
    const { secureFunction } = await import("./infra/function");
    const { routesOf } = await import("./infra/route");
    const { stagePolicy } = await import("./infra/stage");
    const { stage } = $app;
    const { accessLogRetention, corsOrigins, keepEvidence, throttle } = stagePolicy(stage);

    const api = new sst.aws.ApiGatewayV2("SecureBackendAPI", {
      accessLog: { retention: accessLogRetention },
      cors: corsOrigins.length > 0 && {
        allowOrigins: corsOrigins,
        allowMethods: ["GET", "HEAD", "POST"],
        allowHeaders: ["authorization", "content-type", "idempotency-key"],
        exposeHeaders: ["apigw-requestid"],
        maxAge: "1 hour",
      },
      transform: {
        api: { name: `SecureBackendAPI-${stage}` },
        logGroup: (logGroup, options) => {
          logGroup.name = `/aws/apigateway/SecureBackendAPI/${stage}`;
          options.retainOnDelete = keepEvidence;
        },
        stage: (apiStage) => {
          apiStage.name = stage;
          apiStage.description = "Every request is logged, from the first deployment on";
          apiStage.accessLogSettings = $output(apiStage.accessLogSettings).apply((settings) => ({
            destinationArn: settings?.destinationArn ?? "",
            format: accessLogFormat,
          }));
          apiStage.defaultRouteSettings = {
            throttlingRateLimit: throttle.rateLimit,
            throttlingBurstLimit: throttle.burstLimit,
          };
        },
      },
    });

    const secureBackend = secureFunction("SecureBackendFunction", {
      handler: "packages/functions/src/greeting.handler",
      description: "Greets the caller",
    });

    const route = routesOf(api);
    route("ANY /SecureBackendFunction", secureBackend);

    return {
      url: $interpolate`${api.url}/${stage}`,
      accessLogGroup: api.nodes.logGroup.name,
    };
  },
});
