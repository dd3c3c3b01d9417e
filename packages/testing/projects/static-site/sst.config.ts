/// <reference path="../../../../.sst/platform/config.d.ts" />

export default $config({
  app: () => ({ name: "fixture", home: "aws", removal: "remove", providers: { aws: { region: "eu-west-1" } } }),
  async run() {
    const site = new sst.aws.StaticSite("Site", {
      path: "web",
      build: { command: "pnpm build", output: "dist" },
      assets: { routes: ["runtime"] },
    });
    return { url: site.url };
  },
});
