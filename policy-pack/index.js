// Pulumi runs a policy pack as CommonJS: rules and promises are bundled by the esbuild of packages/graph.
const { createRequire } = require("node:module");
const path = require("node:path");

const { PolicyPack } = require("@pulumi/policy");

const graph = path.resolve(__dirname, "../packages/graph");
const outdir = path.join(__dirname, "node_modules/.cache");
createRequire(path.join(graph, "package.json"))("esbuild").buildSync({
  entryPoints: {
    rules: path.join(graph, "src/policy/pack.ts"),
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

new PolicyPack("secure-backend", { policies: policies(PROMISES, new Date().toISOString().slice(0, 10)) });
