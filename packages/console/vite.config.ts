import { defineConfig } from "vite";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    // The Content-Security-Policy allows neither inline scripts nor fonts and images in data that nobody asked for.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
