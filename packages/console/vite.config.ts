import { defineConfig, type Plugin } from "vite";

/**
 * In `sst dev` the console has no bucket with this file: infra/components/console-site.ts passes its
 * text to this server.
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
  // The API's CORS and the sign-in know no other origin.
  server: { port: 5173, strictPort: true },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // The Content-Security-Policy allows neither inline scripts nor fonts and images in data that nobody asked for.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
