// Pulumi runs a policy pack as CommonJS: the rules are bundled from packages/graph, by the esbuild that it has.
const { createRequire } = require("node:module");
const path = require("node:path");

const { PolicyPack } = require("@pulumi/policy");

const graph = path.resolve(__dirname, "../packages/graph");
const outfile = path.join(__dirname, "node_modules/.cache/rules.cjs");
createRequire(path.join(graph, "package.json"))("esbuild").buildSync({
  entryPoints: [path.join(graph, "src/policy/pack.ts")],
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  outfile,
});
const { policies } = require(outfile);

new PolicyPack("secure-backend", { policies: policies(new Date().toISOString().slice(0, 10)) });
