import { defineConfig, type Plugin } from "vite";

/**
 * Serves the run-time configuration in `sst dev`, which has no bucket.
 * infra/components/console-site.ts passes its text in a variable.
 */
const runtimeConfig: Plugin = {
  name: "runtime-config",
  configureServer({ middlewares }) {
    middlewares.use("/runtime/config.json", (_request, response) => {
      const { CONSOLE_CONFIG } = process.env;
      response.setHeader("content-type", "application/json");
      if (CONSOLE_CONFIG === undefined) response.statusCode = 404;
      response.end(CONSOLE_CONFIG ?? '{"message":"CONSOLE_CONFIG is not set: sst dev sets it"}');
    });
  },
};

export default defineConfig({
  plugins: [runtimeConfig],
  // CORS and sign-in allow only this origin.
  server: { port: 5173, strictPort: true },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // The Content-Security-Policy allows no inline scripts and no `data:` URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
