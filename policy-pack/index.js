// Pulumi runs a policy pack as CommonJS. esbuild, from packages/sst-policy, bundles rules and
// promises.
const { createRequire } = require("node:module");
const path = require("node:path");

const { PolicyPack } = require("@pulumi/policy");

const policy = path.resolve(__dirname, "../packages/sst-policy");
const outdir = path.join(__dirname, "node_modules/.cache");
createRequire(path.join(policy, "package.json"))("esbuild").buildSync({
  entryPoints: {
    rules: path.join(policy, "src/pack.ts"),
    promises: path.join(__dirname, "../infra/tools/policy.ts"),
  },
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  outdir,
  outExtension: { ".js": ".cjs" },
});
const { policies } = require(path.join(outdir, "rules.cjs"));
const { PROMISES } = require(path.join(outdir, "promises.cjs"));

new PolicyPack("backend-rules", { policies: policies(PROMISES, new Date().toISOString().slice(0, 10)) });
